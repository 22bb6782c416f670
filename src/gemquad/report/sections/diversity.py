"""How varied the generated texts are: whole sets, and samples of one size, which alone may be compared."""

from collections.abc import Mapping

from gemquad.report.content import PageContent
from gemquad.report.formatting import MISSING, count
from gemquad.report.languages import language_name
from gemquad.report.markup import join, paragraph
from gemquad.report.sections import Section
from gemquad.report.tables import Group, TableRow, table
from gemquad.schema.results import Diversity, LanguageDiversity

_WHAT = (
    "Distinct-n is the share of n-grams that are different (Li et al. 2016, arXiv 1510.03055), of words or, in scripts without "
    "spaces, of characters. Self-similarity is how alike two texts of a set are on average, nearest how alike a text and the one "
    "most like it are, by the share of characters that both have in the same order: 1 is a copy. A larger set repeats itself "
    "more, so sets are compared at the size of the smallest."
)
_COLUMNS = ["set", "texts", "distinct-1", "distinct-2", "distinct-3", "self-similarity", "nearest"]


def section(content: PageContent) -> Section | None:
    """For each language the whole sets, then the comparable samples; None where nothing was measured."""
    if not content.diversity:
        return None
    groups = [group for language, found in content.diversity.items() for group in _groups(language, found)]
    made = table("Diversity of generated texts", _COLUMNS, groups)
    return Section("diversity", "Diversity", join([paragraph(_WHAT), made]))


def _groups(language: str, found: LanguageDiversity) -> list[Group]:
    title = language_name(language)
    groups = [Group(_rows(found.sets), title)]
    if found.compared:
        compared = f"{title} · {count(found.compared)} texts of each, to be compared"
        groups.append(Group(_rows(found.equal), compared))
    return groups


def _rows(sets: Mapping[str, Diversity]) -> list[TableRow]:
    return [TableRow([name, *_cells(measured)]) for name, measured in sets.items()]


def _cells(measured: Diversity) -> list[str]:
    shares = [measured.distinct_1, measured.distinct_2, measured.distinct_3]
    shares += [measured.self_similarity, measured.nearest]
    return [count(measured.texts), *(MISSING if share is None else f"{share:.3f}" for share in shares)]
