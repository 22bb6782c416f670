"""Samples by round and language: synthetic pairs, silver among them, and silver that is new."""

from gemquad.report.charts import share_bar
from gemquad.report.content import PageContent
from gemquad.report.formatting import count, percent
from gemquad.report.languages import language_name
from gemquad.report.markup import Markup, element, join, paragraph
from gemquad.report.sections import Section
from gemquad.schema.results import SilverCounts


def section(content: PageContent) -> Section:
    """A panel per language, a bar per round as long as its synthetic pairs."""
    panels = [panel for language in content.trained if (panel := _panel(content, language))]
    if not panels:
        return Section(
            "samples", "Synthetic pairs and silver by round", paragraph("No round has filtered synthetic pairs.")
        )
    key = paragraph(
        element("span", "new silver", class_="key swatch new"),
        element("span", "silver of an earlier round", class_="key swatch known"),
        element("span", "not believed", class_="key swatch bare"),
        "A bar is all synthetic pairs of the language.",
        class_="note",
    )
    return Section(
        "samples", "Synthetic pairs and silver by round", join([element("div", *panels, class_="panels"), key])
    )


def _panel(content: PageContent, language: str) -> Markup | None:
    counts = [(number, content.silver(number, language)) for number in content.round_numbers]
    bars = [_bar(number, silver) for number, silver in counts if silver and silver.synthetic]
    title = element("figcaption", language_name(language))
    return element("figure", title, *bars) if bars else None


def _bar(number: int, silver: SilverCounts) -> Markup:
    total = silver.synthetic
    bar = share_bar([("new", silver.new / total), ("known", (silver.silver - silver.new) / total)])
    text = (
        f"{count(silver.silver)} silver of {count(total)} ({percent(silver.silver / total)}), {count(silver.new)} new"
    )
    return element(
        "div", element("span", f"round {number}"), element("span", text, class_="said"), bar, class_="bar-row"
    )
