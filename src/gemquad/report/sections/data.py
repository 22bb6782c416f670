"""Where the data come from: data cards of hub sources with their licences, the files of every role, and their labels."""

from collections.abc import Mapping, Sequence

from gemquad.report.content import PageContent
from gemquad.report.formatting import count
from gemquad.report.languages import language_name
from gemquad.report.markup import Markup, definitions, element, folded, join, paragraph
from gemquad.report.sections import Section
from gemquad.report.tables import Group, TableRow, table
from gemquad.schema.results import DataCard, HubCard

_LOCAL = "The data are local files; their licences are those of the files."
_IN_TITLE = ("name", "language", "citation")


def section(content: PageContent) -> Section:
    """Each card once, then the files, and how many examples of each label they hold."""
    cards = [card for i, card in enumerate(content.cards) if card not in content.cards[:i]]
    parts = [element("div", *map(_card, cards), class_="cards")] if cards else [paragraph(_LOCAL)]
    if content.sources:
        rows = [TableRow([s["key"], s["role"], s["language"], element("code", s["path"])]) for s in content.sources]
        columns = ["source", "role", "language", "path"]
        parts.append(table("Sources and their roles", columns, [Group(rows)], texts=(0, 1, 2, 3)))
    parts += _labels([source for source in content.sources if source.get("labels")])
    return Section("data", "Data and licences", join(parts))


def _labels(sources: Sequence[DataCard]) -> list[Markup]:
    """A row per label, a column per source of labelled data; what is missing is also said in words."""
    if not sources:
        return []
    labels = dict.fromkeys(name for s in sources for name in (*s["labels"], *s.get("missing_labels", [])))
    rows = [TableRow([name, *(count(source["labels"].get(name, 0)) for source in sources)]) for name in labels]
    missing = [
        paragraph(element("b", f"{source['key']}: "), f"no example of '{name}'")
        for source in sources
        for name in source.get("missing_labels", [])
    ]
    made = table("Examples by label", ["label", *(source["key"] for source in sources)], [Group(rows)])
    return [element("h3", "Examples by label"), made, *missing]


def _card(card: HubCard) -> Markup:
    """Name and licence; the other facts and the citation open under them. What a card does not say is left out."""
    licence = element("span", card["licence"] or "no licence stated", class_="said")
    title = join([element("b", f"{card['name']}, {language_name(card['language'])}"), " · ", licence])
    facts = [
        (name.replace("_", " "), _spoken(value))
        for name, value in card.items()
        if name not in _IN_TITLE and value not in (None, "", [], {})
    ]
    citation = [element("pre", card["citation"].strip())] if card["citation"] else []
    return folded(title, definitions(facts, class_="facts"), *citation, class_="card")


def _spoken(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_spoken(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_spoken, value))
    return count(value) if isinstance(value, int) else str(value)
