"""Tables: rows in groups under one header, in a box of their own that scrolls sideways where the screen is narrow."""

from collections.abc import Sequence
from dataclasses import dataclass

from gemquad.report.markup import Markup, element, join


@dataclass(frozen=True)
class TableRow:
    """The cells of a row; the first is its header."""

    cells: Sequence[str]
    selected: bool = False


@dataclass(frozen=True)
class Group:
    """Rows under a title of their own; without one they stand alone."""

    rows: Sequence[TableRow]
    title: str = ""


def table(caption: str, columns: Sequence[str], groups: Sequence[Group], texts: Sequence[int] = (0,)) -> Markup:
    """A table of `groups`. Columns are of numbers, aligned at the end, save those whose indices are in `texts`."""
    header = (element("th", title, scope="col", class_=_kind(i, texts)) for i, title in enumerate(columns))
    body = (_group(group, texts, len(columns)) for group in groups)
    content = element(
        "table",
        element("caption", caption, class_="unseen"),
        element("thead", element("tr", *header)),
        *body,
    )
    return element("div", content, class_="scroll", role="region", aria_label=caption, tabindex=0)


def _group(group: Group, texts: Sequence[int], width: int) -> Markup:
    title = element("tr", element("th", element("span", group.title), scope="rowgroup", colspan=width), class_="group")
    return element("tbody", *([title] if group.title else []), *(_row(row, texts) for row in group.rows))


def _row(row: TableRow, texts: Sequence[int]) -> Markup:
    name = element("th", row.cells[0], scope="row", class_=_kind(0, texts))
    others = join(element("td", cell, class_=_kind(i, texts)) for i, cell in enumerate(row.cells[1:], start=1))
    return element("tr", name, others, class_="selected" if row.selected else None)


def _kind(index: int, texts: Sequence[int]) -> str:
    return "text" if index in texts else "number"
