"""What generation gave and what it cost: pairs, tokens, money, and what became of every completion."""

from collections.abc import Mapping
from typing import Any

from gemquad.report.charts import share_bar
from gemquad.report.content import PageContent
from gemquad.report.formatting import MISSING, count, fact, money, percent
from gemquad.report.languages import language_name
from gemquad.report.markup import Markup, definitions, element, folded, join, paragraph
from gemquad.report.sections import Section
from gemquad.report.tables import Group, TableRow, table
from gemquad.schema.results import GenerationCounts, LanguageGeneration

_COLUMNS = {
    "prompts": ("prompts", count),
    "synthetic_pairs": ("synthetic pairs", count),
    "prompt_tokens": ("prompt tokens", count),
    "completion_tokens": ("completion tokens", count),
    "judged_tokens": ("tokens judged", count),
    "cost": ("cost", money),
    "cost_per_pair": ("cost per pair", money),
}


def section(content: PageContent) -> Section:
    """Warnings, a row per language and one for all, what the pairs are like, the outcomes as bars, and the generator."""
    languages = content.generation.languages
    if not languages:
        return Section("cost", "Generation and cost", paragraph("Nothing was generated."))
    rows = [_row(language_name(language), counts) for language, counts in languages.items()]
    total = _row("all", content.generation.total)
    made = table(
        "What was generated and what it cost",
        ["language", *(n for n, _ in _COLUMNS.values())],
        [Group([*rows, total])],
    )
    note = paragraph("Costs are those of the prices in the parameters, for tokens; 0 where none is set.", class_="note")
    panels = [_outcomes(language, counts) for language, counts in languages.items()]
    heading = element("h3", "What became of the completions")
    became = [heading, element("div", *panels, class_="panels"), *_generator(content.generation.generator)]
    return Section("cost", "Generation and cost", join([*_warnings(content), made, note, *_facts(languages), *became]))


def _warnings(content: PageContent) -> list[Markup]:
    return [paragraph(element("b", f"{language_name(language)}: "), said) for language, said in content.warnings]


def _facts(languages: Mapping[str, LanguageGeneration]) -> list[Markup]:
    """A row per fact, a column per language."""
    facts_by_language = [dict(fact(*entry) for entry in counts.facts.items()) for counts in languages.values()]
    names = dict.fromkeys(name for facts in facts_by_language for name in facts)
    if not names:
        return []
    title = "What the synthetic pairs are like"
    rows = [TableRow([name, *(facts.get(name, MISSING) for facts in facts_by_language)]) for name in names]
    return [element("h3", title), table(title, ["fact", *map(language_name, languages)], [Group(rows)])]


def _row(name: str, counts: GenerationCounts) -> TableRow:
    return TableRow([name, *(write(getattr(counts, key)) for key, (_, write) in _COLUMNS.items())])


def _outcomes(language: str, counts: GenerationCounts) -> Markup:
    by_number = sorted(counts.outcomes.items(), key=lambda entry: (-entry[1], entry[0]))
    bars = [_bar(outcome, number, counts.prompts) for outcome, number in by_number]
    return element("figure", element("figcaption", language_name(language)), *bars)


def _bar(outcome: str, number: int, prompts: int) -> Markup:
    share = number / prompts if prompts else 0.0
    said = element("span", f"{count(number)} ({percent(share)})", class_="said")
    kind = "new" if outcome == "ok" else "lost"
    return element("div", element("span", outcome), said, share_bar([(kind, share)]), class_="bar-row")


def _generator(identity: Mapping[str, Any]) -> list[Markup]:
    if not identity:
        return []
    promises = identity.get("promises", {})
    entries = [(name, str(value)) for name, value in identity.items() if name != "promises" and value not in ("", None)]
    entries += [
        (f"promises {name.replace('_', ' ')}", _spoken(value)) for name, value in promises.items() if value != ""
    ]
    return [folded("The generator", definitions(entries, class_="facts"))]


def _spoken(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
