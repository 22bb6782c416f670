"""The leak gate's evidence: which passages of which roles were compared, and what was found."""

from gemquad.report.content import Leak, LeakExample, PageContent
from gemquad.report.markup import Markup, element, folded, join, paragraph
from gemquad.report.sections import Section
from gemquad.report.tables import Group, Row, table
from gemquad.report.wording import MISSING, count, counted

_NOTE = (
    "No passage may stand in two roles where one is dev or test. An overlap that belongs to a published setting is possible only "
    "by naming it in data.allow_overlap."
)


def section(content: PageContent) -> Section:
    """A row per pair of roles, and the examples under it."""
    if not content.leaks:
        return Section("leaks", "Leak gate", paragraph("No comparison of passages was recorded."))
    rows = [Row([_roles(leak), _compared(leak), *_found(leak), _ruling(leak)]) for leak in content.leaks]
    columns = ["roles", "passages compared", "identical", "nearly the same", "ruling"]
    examples = [_examples(leak) for leak in content.leaks if leak.get("examples")]
    made = table("Passages shared between roles", columns, [Group(rows)], texts=(0, 4))
    return Section("leaks", "Leak gate", join([paragraph(_NOTE), made, *examples]))


def _roles(leak: Leak) -> str:
    return " and ".join(leak.get("roles", MISSING).split("-"))


def _compared(leak: Leak) -> str:
    return " × ".join(map(count, leak.get("compared", ()))) or MISSING


def _found(leak: Leak) -> list[str]:
    return [MISSING if number is None else count(number) for number in (leak.get("identical"), leak.get("near"))]


def _shared(leak: Leak) -> int:
    return leak.get("identical", 0) + leak.get("near", 0)


def _ruling(leak: Leak) -> str:
    if not _shared(leak):
        return "nothing shared"
    return "allowed by name" if leak.get("allowed") else "refused"


def _examples(leak: Leak) -> Markup:
    shown = [_example(example) for example in leak.get("examples", ())]
    return folded(f"{_roles(leak)}: {counted(_shared(leak), 'passage')} shared, for example", element("ul", *shown))


def _example(example: LeakExample) -> Markup:
    files, beginnings = list(example.get("files", ())), list(example.get("beginnings", ()))
    places = [*files, *("" for _ in beginnings[len(files) :])]
    texts = [*beginnings, *("" for _ in files[len(beginnings) :])]
    lines = (
        element("div", element("code", place), " ", element("q", f"{text}…", dir="auto") if text else "")
        for place, text in zip(places, texts, strict=True)
    )
    return element("li", *lines)
