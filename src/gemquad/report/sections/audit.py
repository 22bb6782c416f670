"""The filter on pairs whose truth is known: what it keeps of clean and of corrupted ones, and how precise that makes it."""

from collections.abc import Mapping

from gemquad.report.cells import share_cell
from gemquad.report.charts import whisker, whisker_axis, whisker_scale
from gemquad.report.content import PageContent
from gemquad.report.formatting import MISSING, count, percent
from gemquad.report.languages import language_name
from gemquad.report.markup import Markup, element, join, paragraph
from gemquad.report.sections import Section
from gemquad.report.tables import Group, TableRow, table
from gemquad.schema.results import Interval, KeptPairs, LanguageAudit

_PERCENT = [0.0, 25.0, 50.0, 75.0, 100.0]


def section(content: PageContent) -> Section:
    """Precision and recall of every round, then what is kept by kind of corruption."""
    title = "Filter audit"
    if not content.audit:
        return Section("audit", title, paragraph("The filter has not been audited."))
    parts = [paragraph(_what(content)), _precision(content), element("h3", "Kept, by kind of pair"), _kept(content)]
    return Section("audit", title, join(parts))


def _what(content: PageContent) -> str:
    ways = {way for audited in content.audit.values() for found in audited.values() for way in found.corrupted}
    corrupted = f"corrupted in one of {len(ways)} ways" if len(ways) > 1 else "corrupted"
    return (
        f"Every dev {content.terms.example} is put before the filter of each round twice: with its own answer, and {corrupted}. "
        "A good filter keeps much of the clean pairs and little of each kind of corrupted ones."
    )


def _languages(content: PageContent) -> list[str]:
    return list(dict.fromkeys(language for audited in content.audit.values() for language in audited))


def _precision(content: PageContent) -> Markup:
    scale = whisker_scale(_PERCENT)
    columns = ["round", "clean before", "precision", whisker_axis(scale, with_sign=False), "recall"]

    def row(number: int, found: LanguageAudit) -> TableRow:
        precision = found.precision
        drawn = whisker(_in_percent(precision), scale, 100 * found.clean_share, hollow=False) if precision else ""
        cells = [percent(found.clean_share), share_cell(precision), drawn, share_cell(found.recall)]
        return TableRow([f"round {number}", *cells])

    groups = [
        Group([row(number, audited[x]) for number, audited in content.audit.items() if x in audited], language_name(x))
        for x in _languages(content)
    ]
    note = "Precision is the share of clean pairs among those kept; the line beside its dot is the share before the filter."
    return join([table("Precision and recall of the filter", columns, groups), paragraph(note, class_="note")])


def _kept(content: PageContent) -> Markup:
    columns = ["pairs", *(f"kept in round {number}" for number in content.audit)]
    groups = [Group(_kept_rows(content, language), language_name(language)) for language in _languages(content)]
    return table("Kept pairs by kind of corruption", columns, groups)


def _kept_rows(content: PageContent, language: str) -> list[TableRow]:
    found = [_kinds(audited.get(language)) for audited in content.audit.values()]
    return [
        TableRow([kind, *(_share(kinds.get(kind)) for kinds in found)])
        for kind in dict.fromkeys(k for f in found for k in f)
    ]


def _kinds(audited: LanguageAudit | None) -> Mapping[str, KeptPairs]:
    return {"clean": audited.clean, **{_spoken(k): v for k, v in audited.corrupted.items()}} if audited else {}


def _spoken(kind: str) -> str:
    return kind.replace("_", " ").replace("-", " ")


def _share(kept: KeptPairs | None) -> str:
    if not kept or not kept.pairs:
        return MISSING
    return f"{percent(kept.kept / kept.pairs)} ({count(kept.kept)} of {count(kept.pairs)})"


def _in_percent(share: Interval) -> Interval:
    return Interval(100 * share.value, 100 * share.low, 100 * share.high)
