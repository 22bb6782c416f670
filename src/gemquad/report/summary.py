"""The answer and the table at the end of a run: systems with scores and silver, gains with intervals, why it stopped."""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from gemquad.report.content import PageContent
from gemquad.report.formatting import change, fact, widths
from gemquad.report.verdict import verdict
from gemquad.rounds.stopping import system_name


def summary(content: PageContent) -> str:
    """Markdown, of the template summary.md.jinja; the system that dev selected is in bold."""
    environment = Environment(
        undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True
    )
    text = (files("gemquad.report") / "summary.md.jinja").read_text(encoding="utf-8")
    tested = [delta for delta in content.deltas if delta.split == "test"]
    return environment.from_string(text).render(
        content=content,
        languages=dict.fromkeys(x for system in content.systems for split in system.scores.values() for x in split),
        rounds={system_name(number): number for number in content.round_numbers},
        compared=dict.fromkeys((delta.language, delta.system, delta.against) for delta in tested),
        fact=fact,
        change=change,
        widths=widths,
        verdict=verdict(content),
    )
