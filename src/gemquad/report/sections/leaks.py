"""The leak gate's evidence: which roles were compared, and what was found in both."""

from gemquad.report.content import Leak, LeakExample, PageContent
from gemquad.report.markup import Markup, element, folded, join, paragraph
from gemquad.report.sections import Section
from gemquad.report.tables import Group, Row, table
from gemquad.report.wording import capitalised, count, plural


def section(content: PageContent) -> Section:
    """A row per pair of roles that both hold something, and the examples under it."""
    compared = plural(content.terms.group)
    if not content.leaks:
        return Section("leaks", "Leak gate", paragraph(f"No comparison of {compared} was recorded."))
    rows = [Row([_roles(leak), *_counts(leak), _ruling(leak)]) for leak in content.leaks if all(leak["compared"])]
    columns = ["roles", f"{compared} compared", "identical", "nearly the same", "of one data set", "ruling"]
    examples = [_examples(leak) for leak in content.leaks if leak["examples"]]
    made = table(f"{capitalised(compared)} shared between roles", columns, [Group(rows)], texts=(0, 5))
    return Section("leaks", "Leak gate", join([paragraph(_rule(content.terms.group)), made, *examples]))


def _rule(group: str) -> str:
    return (
        f"No {group} may stand in two roles where one is dev or test. An overlap that belongs to a published setting is possible "
        "only by naming it in data.allow_overlap."
    )


def _roles(leak: Leak) -> str:
    return " and ".join(leak["roles"].split("-"))


def _counts(leak: Leak) -> list[str]:
    return [" × ".join(map(count, leak["compared"])), *map(count, (leak["identical"], leak["near"], leak["parallel"]))]


def _ruling(leak: Leak) -> str:
    if not leak["examples"]:
        return "nothing shared"
    return "allowed by name" if leak["allowed"] else "refused"


def _examples(leak: Leak) -> Markup:
    return folded(f"{_roles(leak)}, for example", element("ul", *map(_example, leak["examples"])))


def _example(example: LeakExample) -> Markup:
    lines = (
        element("div", element("code", file), " ", element("q", f"{beginning}…", dir="auto"))
        for file, beginning in zip(example["files"], example["beginnings"], strict=True)
    )
    return element("li", *lines)
