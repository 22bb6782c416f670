"""The names that the templates of both cards use: the run, and functions that write its values for Markdown."""

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from gemquad.cards.licences import SAMPLE, data_licence, generator, weights
from gemquad.params import Params
from gemquad.report import formatting
from gemquad.report.content import PageContent
from gemquad.report.formatting import listed
from gemquad.report.languages import language_name
from gemquad.report.markdown import code, escaped
from gemquad.report.verdict import verdict
from gemquad.rounds.stopping import system_name


def facts(content: PageContent, params: Params) -> dict[str, Any]:
    """What is known of a run. `phases` are those of the selected student's training, `dev` is its score by round."""
    selected = next(system for system in content.systems if system.system == content.best)
    phases = list(selected.updates)
    saw_synthetic = any(phase != "gold" for phase in phases)
    gold = [source for source in content.sources if source["role"] == "gold"]
    seen = dict.fromkeys([*(source["language"] for source in gold), *(content.trained if saw_synthetic else [])])
    dev = {entry.round: entry.dev_score for entry in content.decision.history}
    return {
        **{name: value for name, value in vars(formatting).items() if callable(value)},
        **{writer.__name__: writer for writer in (escaped, languages, named, origin, system_name)},
        "content": content,
        "selected": selected,
        "phases": phases,
        "saw_synthetic": saw_synthetic,
        "languages_seen": list(seen),
        "gold": listed([origin(source) for source in gold]) or "none",
        "dev": {number: dev.get(number) for number in dict.fromkeys([*dev, *content.rounds])},
        "sources": [(source, data_licence(source)) for source in content.sources],
        "bundled": any(source["path"].startswith(SAMPLE) for source in content.sources),
        "base": weights(params.student.model.name),
        "writer": generator(params),
        "student": params.student,
        "verdict": verdict(content),
    }


def template(name: str) -> str:
    """A card's template: the tables that both have, then its own text."""
    folder = files("gemquad.cards")
    return "".join((folder / f"{part}.md.jinja").read_text(encoding="utf-8") for part in ("tables", name))


def named(language: str) -> str:
    """A language by its name and code: "Hindi (hi)"."""
    name = language_name(language)
    return name if name == language else f"{name} ({language})"


def languages(codes: Iterable[str]) -> str:
    """Languages as part of a sentence: "Spanish (es) and Hindi (hi)"."""
    return listed([named(language) for language in codes])


def iso_639(codes: Iterable[str]) -> list[str]:
    """Languages without their varieties, as the hub's metadata take them."""
    return list(dict.fromkeys(code.split("-")[0] for code in codes))


def origin(source: Mapping[str, Any]) -> str:
    """Where a source comes from: a hub data set at its commit, or a file, named without paths outside the repository."""
    if hub := source["hub"]:
        parts = escaped(", ".join(filter(None, (hub["config"], hub["split"]))))
        return f"[{hub['repo']}](https://huggingface.co/datasets/{hub['repo']}), {parts}, commit {code(hub['commit'])}"
    path = Path(source["path"])
    return code(path.name if path.is_absolute() or ".." in path.parts else str(path))
