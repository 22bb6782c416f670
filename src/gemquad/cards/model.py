"""The card of the selected student: https://huggingface.co/docs/hub/model-cards."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from huggingface_hub.repocard_data import EvalResult, ModelCardData

from gemquad.cards import tables
from gemquad.cards.licences import SAMPLE, Weights, weights
from gemquad.cards.markdown import bullets, card
from gemquad.cards.usage import usage
from gemquad.params import Params
from gemquad.report.content import PageContent, estimate_of
from gemquad.report.verdict import verdict
from gemquad.report.wording import counted, listed, plural, system_label
from gemquad.rounds.stopping import system_name
from gemquad.tasks.kinds import load_task
from gemquad.tasks.kinds.base import AnyTask

METHOD = "[GeMQuAD](https://arxiv.org/abs/2404.09163)"
_METRICS = {"mcc": "matthews_correlation", "macro_f1": "f1", "pearson": "pearsonr", "spearman": "spearmanr"}
"""What the hub calls a metric (https://huggingface.co/metrics), where that is not its name here."""
_TRAINS = ("gold", "exemplars", "passages", "translated")


def model_card(content: PageContent, params: Params, config: Mapping[str, Any]) -> str:
    """The README.md of the student's folder; `config` is the student's config.json."""
    task = load_task(params.task)
    base, generator = weights(params.student.model.name), weights(params.generator.name)
    name = model_name(content, params, base)
    settings = {**content.settings, **_named(content, base, generator), **_training(params)}
    return card(
        _data(content, params, task, base, name),
        f"# {name}",
        _what(content, task, base, generator),
        "## Use",
        usage(config),
        "## Scores on test",
        _said(content),
        tables.scores(content),
        "## How it was made",
        _how(content),
        bullets(f"{key}: {value}" for key, value in settings.items()),
        tables.rounds(content),
        f"Stopped after {content.decision['reason']}.",
        "## The filter, audited",
        f"Every dev {content.nouns.example} was put before the filter of each round with its own answer and with a corrupted one.",
        tables.audit(content),
        "## Data and licences",
        _terms(base),
        tables.sources(content.sources),
        "## Limits",
        bullets(limits(content)),
    )


def model_name(content: PageContent, params: Params, base: Weights) -> str:
    """Of base model, task and languages, such as "gemma-3-270m-TASK-ja"."""
    return re.sub(r"[^\w.-]+", "-", "-".join([base.name.split("/")[-1], str(params.task["name"]), *content.trained]))


def languages(codes: list[str]) -> list[str]:
    """The primary subtags, which are what the hub knows: ISO 639."""
    return list(dict.fromkeys(code.split("-")[0] for code in codes))


def limits(content: PageContent) -> Iterator[str]:
    """What this run does not show, as far as its files say."""
    seeds = [str(seed) for system in content.systems if system["system"] == content.best for seed in system["seeds"]]
    examples = listed([plural(noun) for noun in dict.fromkeys((content.nouns.example, content.nouns.group))])
    trained = f"Trained with {counted(len(seeds), 'seed')} ({', '.join(seeds)})"
    yield f"{trained}: the intervals speak of other {examples}, not of other trainings."
    if untested := [tables.named(x) for x in content.trained if x not in content.tested]:
        yield f"Not tested in {listed(untested)}."
    if carried := [tables.named(x) for x in content.tested if x not in content.trained]:
        yield f"Not trained on {listed(carried)}: their scores show what carries over."
    yield "No other language was tested."
    yield "Synthetic pairs were written by a language model and chosen by a student; no person has checked them."
    if any(source["path"].startswith(SAMPLE) for source in content.sources):
        yield "The bundled sample was composed with a language model, and no native reader has signed it off."
    yield from (f"{tables.named(language)}: {said}." for language, said in content.warnings)
    yield from (f"Texts in common were allowed between {leak['roles']}." for leak in content.leaks if leak["allowed"])


def _data(content: PageContent, params: Params, task: AnyTask, base: Weights, name: str) -> ModelCardData:
    sources: Sequence[Mapping[str, Any]] = content.sources
    used = [source["hub"]["repo"] for source in sources if source["hub"] and source["role"] in _TRAINS]
    return ModelCardData(
        language=languages([*content.trained, *([params.data.gold_language] if params.data.gold else [])]),
        license=base.licence.identifier,
        library_name="transformers",
        pipeline_tag=task.hub_task.pipeline,
        base_model=base.hub_id or None,
        datasets=list(dict.fromkeys(used)) or None,
        metrics=list(dict.fromkeys(_METRICS.get(metric.name, metric.name) for metric in content.metrics)),
        tags=["gemquad", "synthetic-data"],
        model_name=name,
        eval_results=list(_results(content, task)) or None,
    )


def _results(content: PageContent, task: AnyTask) -> Iterator[EvalResult]:
    """The scores on test for the hub's `model-index`; a data set that is not on the hub goes by its key in this run."""
    tests: dict[str, Mapping[str, Any]] = {one["language"]: one for one in content.sources if one["role"] == "test"}
    system = next(one for one in content.systems if one["system"] == content.best)
    for language in content.tested:
        hub = tests[language]["hub"] or {}
        for metric in content.metrics:
            if estimate := estimate_of(system, "test", language, metric.name):
                yield EvalResult(
                    task_type=task.hub_task.pipeline,
                    dataset_type=hub.get("repo", tests[language]["key"]),
                    dataset_name=f"{hub.get('name', 'test')}, {tables.named(language)}",
                    dataset_config=_configuration(tests, language),
                    dataset_split=hub.get("split", "test"),
                    dataset_revision=hub.get("commit"),
                    metric_type=_METRICS.get(metric.name, metric.name),
                    metric_name=metric.label,
                    metric_value=round(estimate["value"], 2),
                )


def _configuration(tests: Mapping[str, Mapping[str, Any]], language: str) -> str:
    """The data set's own for the language; where several languages share one, or it has none, the language."""
    configurations = {x: (source["hub"] or {}).get("config") for x, source in tests.items()}
    own = configurations[language]
    return own if own and list(configurations.values()).count(own) == 1 else language


def _what(content: PageContent, task: AnyTask, base: Weights, generator: Weights) -> str:
    trained = listed([tables.named(language) for language in content.trained])
    first = (
        f"A model for {task.hub_task.pipeline.replace('-', ' ')} in {trained}, made from {_linked(base)} by {METHOD}."
    )
    if content.best == system_name(0):
        return f"{first} It is the baseline: no round did better on dev."
    gold = ", then on gold" if any(source["role"] == "gold" for source in content.sources) else ""
    return (
        f"{first} {_linked(generator)} wrote synthetic pairs, a student kept those on which it agreed, and this one, of "
        f"{system_label(content.best)}, was trained on them{gold}."
    )


def _said(content: PageContent) -> str:
    correlations = " (correlations times a hundred)" if any(metric.least < 0 for metric in content.metrics) else ""
    found = verdict(content)
    return (
        f"In percent{correlations}, with 95% intervals. Test was only ever reported; dev chose the student. {found.selection} "
        f"{found.gain}"
    )


def _how(content: PageContent) -> str:
    told = content.generation["languages"].items()
    said = [f"{found['synthetic_pairs']} from {found['prompts']} prompts in {tables.named(x)}" for x, found in told]
    return f"Synthetic pairs: {listed(said)}. Of them each round kept as silver those on which the one before agreed."


def _named(content: PageContent, base: Weights, generator: Weights) -> dict[str, str]:
    """In place of what params.yaml names, which may be paths."""
    gold = [tables.origin(source) for source in content.sources if source["role"] == "gold"]
    return {"gold": listed(gold) or "none", "student": _linked(base), "generator": _linked(generator)}


def _training(params: Params) -> dict[str, Any]:
    student = params.student
    on = "on gold" if params.data.gold else "of the baseline, on all pairs"
    return {
        "trained layers": "all" if student.trainable_layers is None else f"the upper {student.trainable_layers}",
        "epochs": f"{student.silver_epochs:g} on silver, {student.epochs:g} {on}",
        "learning rate": f"{student.learning_rate:g}, of the head {student.head_learning_rate:g}",
        "batch size": student.batch_size,
        "longest input": f"{student.max_length} tokens",
    }


def _linked(model: Weights) -> str:
    return f"[{model.name}](https://huggingface.co/{model.hub_id})" if model.hub_id else model.name


def _terms(base: Weights) -> str:
    return (
        f"The weights derive from {_linked(base)} and are under its licence: {base.licence.title}. Fine-tuning modified the files. "
        "Data keep their own licences; share-alike terms apply to whoever passes the data or adapted copies on."
    )
