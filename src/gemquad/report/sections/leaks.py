"""What the leak gate found: which roles were compared, and what was found in both."""

from gemquad.report.content import PageContent
from gemquad.report.formatting import capitalised, count, plural
from gemquad.report.markup import Markup, element, folded, join, paragraph
from gemquad.report.sections import Section
from gemquad.report.tables import Group, TableRow, table
from gemquad.schema.results import Overlap, OverlapExample


def section(content: PageContent) -> Section:
    """A row per pair of roles that both hold something, and the examples under it."""
    compared = plural(content.terms.group)
    if not content.overlaps:
        return Section("leaks", "Leak gate", paragraph(f"No comparison of {compared} was recorded."))
    rows = [TableRow([_roles(leak), *_counts(leak), _ruling(leak)]) for leak in content.overlaps if all(leak.compared)]
    columns = ["roles", f"{compared} compared", "identical", "nearly the same", "of one data set", "ruling"]
    examples = [_examples(leak) for leak in content.overlaps if leak.examples]
    made = table(f"{capitalised(compared)} shared between roles", columns, [Group(rows)], texts=(0, 5))
    return Section("leaks", "Leak gate", join([paragraph(_rule(content.terms.group)), made, *examples]))


def _rule(group: str) -> str:
    return (
        f"No {group} may stand in two roles where one is dev or test. An overlap that belongs to a published setting is possible "
        "only by naming it in data.allow_overlap."
    )


def _roles(leak: Overlap) -> str:
    return " and ".join(leak.roles.split("-"))


def _counts(leak: Overlap) -> list[str]:
    return [" × ".join(map(count, leak.compared)), *map(count, (leak.identical, leak.near, leak.parallel))]


def _ruling(leak: Overlap) -> str:
    if not leak.examples:
        return "nothing shared"
    return "allowed by name" if leak.allowed else "refused"


def _examples(leak: Overlap) -> Markup:
    return folded(f"{_roles(leak)}, for example", element("ul", *map(_example, leak.examples)))


def _example(example: OverlapExample) -> Markup:
    lines = (
        element("div", element("code", file), " ", element("q", f"{beginning}…", dir="auto"))
        for file, beginning in zip(example.files, example.beginnings, strict=True)
    )
    return element("li", *lines)
