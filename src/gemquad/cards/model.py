"""The card of the selected student: https://huggingface.co/docs/hub/model-cards."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from huggingface_hub.repocard_data import EvalResult, ModelCardData

from gemquad.cards import tables
from gemquad.cards.licences import Weights, generator, weights
from gemquad.cards.limits import limits
from gemquad.cards.markdown import bullets, card
from gemquad.cards.selected import languages_seen, phases, saw_synthetic, selected
from gemquad.cards.usage import usage
from gemquad.params import Params
from gemquad.report.content import PageContent
from gemquad.report.formatting import listed, system_label
from gemquad.report.verdict import verdict
from gemquad.rounds.stopping import system_name
from gemquad.tasks.loading import load_task
from gemquad.views.loading import load_view
from gemquad.views.task_view import AnyTaskView

METHOD = "[GeMQuAD](https://arxiv.org/abs/2404.09163)"
_METRICS = {"mcc": "matthews_correlation", "macro_f1": "f1", "pearson": "pearsonr", "spearman": "spearmanr"}
"""What the hub calls a metric (https://huggingface.co/metrics), where that is not its name here."""
_WRITTEN_FROM = ("exemplars", "passages")
"""The roles of data that synthetic pairs are made of."""


def model_card(content: PageContent, params: Params, config: Mapping[str, Any]) -> str:
    """The README.md of the student's folder; `config` is the student's config.json."""
    view = load_view(load_task(params))
    base, writer = weights(params.student.model.name), generator(params)
    name = model_name(content, params, base)
    settings = {**content.settings, **_named(content, base, writer), **_training(content, params)}
    return card(
        _data(content, params, view, base, name),
        f"# {name}",
        _what(content, view, base, writer),
        "## Use",
        usage(config),
        "## Scores on test",
        _said(content),
        tables.scores(content),
        "## How it was made",
        _how(content),
        bullets(f"{key}: {value}" for key, value in settings.items()),
        tables.rounds(content),
        f"Stopped after {content.decision.reason}.",
        "## The filter, audited",
        f"Every dev {content.terms.example} was put before the filter of each round with its own answer and with a corrupted one: "
        f"{tables.AUDIT}",
        tables.audit(content),
        "## Data and licences",
        _terms(content, base, writer),
        tables.sources(content.sources),
        "## Limits",
        bullets(limits(content, writer)),
    )


def model_name(content: PageContent, params: Params, base: Weights) -> str:
    """A name made of base model, task and languages, such as "gemma-3-270m-TASK-ja"."""
    return re.sub(r"[^\w.-]+", "-", "-".join([base.name.split("/")[-1], params.task.name, *content.trained]))


def languages(codes: list[str]) -> list[str]:
    """The languages' primary subtags (ISO 639), which are the codes that the hub accepts."""
    return list(dict.fromkeys(code.split("-")[0] for code in codes))


def _data(content: PageContent, params: Params, view: AnyTaskView, base: Weights, name: str) -> ModelCardData:
    sources: Sequence[Mapping[str, Any]] = content.sources
    roles = ("gold", *(_WRITTEN_FROM if saw_synthetic(content) else ()))
    used = [source["hub"]["repo"] for source in sources if source["hub"] and source["role"] in roles]
    return ModelCardData(
        language=languages([*content.trained, *([params.data.gold_language] if params.data.gold else [])]),
        license=base.licence.identifier,
        library_name="transformers",
        pipeline_tag=view.hub_task.pipeline,
        base_model=base.hub_id or None,
        datasets=list(dict.fromkeys(used)) or None,
        metrics=list(dict.fromkeys(_METRICS.get(metric.name, metric.name) for metric in content.metrics)),
        tags=["gemquad", *(["synthetic-data"] if saw_synthetic(content) else [])],
        model_name=name,
        eval_results=list(_results(content, view)) or None,
    )


def _results(content: PageContent, view: AnyTaskView) -> Iterator[EvalResult]:
    """The scores on test for the hub's `model-index`; a data set that is not on the hub goes by its key in this run."""
    tests: dict[str, Mapping[str, Any]] = {one["language"]: one for one in content.sources if one["role"] == "test"}
    system = selected(content)
    for language in content.tested:
        hub = tests[language]["hub"] or {}
        for metric in content.metrics:
            if estimate := system.estimate("test", language, metric.name):
                yield EvalResult(
                    task_type=view.hub_task.pipeline,
                    dataset_type=hub.get("repo", tests[language]["key"]),
                    dataset_name=f"{hub.get('name', 'test')}, {tables.named(language)}",
                    dataset_config=_configuration(tests, language),
                    dataset_split=hub.get("split", "test"),
                    dataset_revision=hub.get("commit"),
                    metric_type=_METRICS.get(metric.name, metric.name),
                    metric_name=metric.label,
                    metric_value=round(estimate.value, 2),
                )


def _configuration(tests: Mapping[str, Mapping[str, Any]], language: str) -> str:
    """The data set's own for the language; where several languages share one, or it has none, the language."""
    configurations = {x: (source["hub"] or {}).get("config") for x, source in tests.items()}
    own = configurations[language]
    return own if own and list(configurations.values()).count(own) == 1 else language


def _what(content: PageContent, view: AnyTaskView, base: Weights, writer: Weights) -> str:
    trained = listed([tables.named(language) for language in content.trained])
    first = f"A model for {view.hub_task.pipeline.replace('-', ' ')} in {trained}, fine-tuned from {_linked(base)}"
    if content.best == system_name(0):
        return f"{first} {_of_baseline(content, writer)}"
    gold = ", then on gold" if phases(content)[-1] == "gold" else ""
    return (
        f"{first} by {METHOD}. {_linked(writer)} wrote synthetic pairs, a student kept those on which it agreed, and this one, of "
        f"{system_label(content.best)}, was trained on them{gold}."
    )


def _of_baseline(content: PageContent, writer: Weights) -> str:
    """What it was trained on; with gold that is nothing of what the method adds."""
    run = f"It is the baseline of a run of {METHOD}: no round did better on dev"
    if saw_synthetic(content):
        return f"on all synthetic pairs, which {_linked(writer)} wrote. {run}."
    gold = listed([tables.named(language) for language in languages_seen(content)])
    return f"on gold in {gold} alone. {run}, and no synthetic pair is in it."


def _said(content: PageContent) -> str:
    correlations = " (correlations times a hundred)" if any(metric.least < 0 for metric in content.metrics) else ""
    found = verdict(content)
    return (
        f"In percent{correlations}, with 95% intervals. Test was only ever reported; dev chose the student. {found.selection} "
        f"{found.gain}"
    )


def _how(content: PageContent) -> str:
    counts = content.generation.languages.items()
    parts = [f"{found.synthetic_pairs} from {found.prompts} prompts in {tables.named(x)}" for x, found in counts]
    without = "" if saw_synthetic(content) else " This student was trained on none of them."
    return f"Synthetic pairs: {listed(parts)}. Of them each round kept as silver those on which the one before agreed.{without}"


def _named(content: PageContent, base: Weights, writer: Weights) -> dict[str, str]:
    """In place of what params.yaml names, which may be paths."""
    gold = [tables.origin(source) for source in content.sources if source["role"] == "gold"]
    return {"gold": listed(gold) or "none", "student": _linked(base), "generator": _linked(writer)}


def _training(content: PageContent, params: Params) -> dict[str, Any]:
    student = params.student
    epochs = {phase: student.epochs if phase == "gold" else student.silver_epochs for phase in phases(content)}
    return {
        "layers of the pre-trained model": "all" if student.layers is None else f"the lower {student.layers}",
        "of these trained": "all" if student.trainable_layers is None else f"the upper {student.trainable_layers}",
        "epochs": ", ".join(f"{number:g} on {phase}" for phase, number in epochs.items()),
        "learning rate": f"{student.learning_rate:g}, of the head {student.head_learning_rate:g}",
        "batch size": student.batch_size,
        "longest input": f"{student.max_length} tokens",
    }


def _linked(model: Weights) -> str:
    return f"[{model.name}](https://huggingface.co/{model.hub_id})" if model.hub_id else model.name


def _terms(content: PageContent, base: Weights, writer: Weights) -> str:
    of_pairs = (
        f"{_linked(writer)} wrote synthetic pairs it was trained on; terms that may bind such a model: {writer.licence.title}. "
        if saw_synthetic(content) and writer != base
        else ""
    )
    return (
        f"The weights derive from {_linked(base)} and are under its licence: {base.licence.title}. Fine-tuning modified the files. "
        f"{of_pairs}Data keep their own licences; share-alike terms apply to whoever passes the data or adapted copies on."
    )
