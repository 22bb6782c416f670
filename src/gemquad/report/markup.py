"""HTML made of values: text is escaped unless it is `Markup` already."""

import html
from collections.abc import Iterable

_VOID = {"input"}
"""Elements that have neither content nor an end tag."""


class Markup(str):
    """A string of HTML that needs no escaping."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: object) -> Markup:
    """`<tag attributes>children</tag>`.

    An attribute's underscores become hyphens, one at its end is dropped (`class_`); None and False leave it out, True gives it
    no value.
    """
    written = "".join(_attribute(name, value) for name, value in attributes.items())
    return Markup(f"<{tag}{written}>" if tag in _VOID else f"<{tag}{written}>{join(children)}</{tag}>")


def join(parts: Iterable[str]) -> Markup:
    """The parts concatenated, plain text escaped."""
    return Markup("".join(part if isinstance(part, Markup) else html.escape(part) for part in parts))


def paragraph(*children: str, **attributes: object) -> Markup:
    """A `<p>` element around text and markup."""
    return element("p", *children, **attributes)


def definitions(entries: Iterable[tuple[str, str]], **attributes: object) -> Markup:
    """A definition list of (term, description) pairs."""
    return element(
        "dl",
        *(element("div", element("dt", term), element("dd", description)) for term, description in entries),
        **attributes,
    )


def folded(summary: str, *children: str, **attributes: object) -> Markup:
    """A `<details>` element: content that opens under its summary."""
    return element("details", element("summary", summary), *children, **attributes)


def _attribute(name: str, value: object) -> str:
    name = name.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'
