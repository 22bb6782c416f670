"""The card of the selected student: https://huggingface.co/docs/hub/model-cards."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from gemquad.cards.facts import facts, iso_639, named, template
from gemquad.params import Params
from gemquad.report.content import PageContent
from gemquad.schema.results import ALL, SystemScores
from gemquad.tasks.loading import load_task
from gemquad.views.loading import load_view

_METRICS = {"mcc": "matthews_correlation", "macro_f1": "f1", "pearson": "pearsonr", "spearman": "spearmanr"}
"""What the hub calls a metric (https://huggingface.co/metrics), where that is not its name here."""
_OWN_HEADS = ("gemma3_text",)
"""Model types whose heads are in `gemquad.student.gemma`."""


def model_card(content: PageContent, params: Params, config: Mapping[str, Any]) -> str:
    """The README.md of the student's folder; `config` is the student's config.json."""
    known = facts(content, params)
    data = _data(content, params, known)
    card = ModelCard.from_template(
        data,
        template_str=template("model"),
        **known,
        name=data.model_name,
        has_own_head=config["model_type"] in _OWN_HEADS,
        auto_class=f"AutoModelFor{config['architectures'][0].rpartition('For')[2]}",
    )
    return f"{card}\n"


def _data(content: PageContent, params: Params, known: Mapping[str, Any]) -> ModelCardData:
    """The metadata; data sets are those of the hub that the student was trained on or its pairs were made of."""
    pipeline, base, synthetic = load_view(load_task(params)).hub_task.pipeline, known["base"], known["saw_synthetic"]
    roles = ("gold", "exemplars", "passages") if synthetic else ("gold",)
    used = [source["hub"]["repo"] for source in content.sources if source["hub"] and source["role"] in roles]
    codes = [*content.trained, *([params.data.gold_language] if params.data.gold else [])]
    name = "-".join([base.name.split("/")[-1], params.task.name, *content.trained])
    return ModelCardData(
        language=iso_639(codes),
        license=base.licence.identifier,
        library_name="transformers",
        pipeline_tag=pipeline,
        base_model=base.hub_id or None,
        datasets=list(dict.fromkeys(used)) or None,
        metrics=list(dict.fromkeys(_METRICS.get(metric.name, metric.name) for metric in content.metrics)),
        tags=["gemquad", *(["synthetic-data"] if synthetic else [])],
        model_name=re.sub(r"[^\w.-]+", "-", name),
        eval_results=list(_results(content, known["selected"], pipeline)) or None,
    )


def _results(content: PageContent, selected: SystemScores, pipeline: str) -> Iterator[EvalResult]:
    """The scores on test for the hub's `model-index`; a data set that is not on the hub goes by its key in this run."""
    tests: dict[str, Mapping[str, Any]] = {one["language"]: one for one in content.sources if one["role"] == "test"}
    configs = [(source["hub"] or {}).get("config") for source in tests.values()]
    for language, score in selected.scores.get("test", {}).items():
        if language == ALL:  # no data set of the hub
            continue
        hub = tests[language]["hub"] or {}
        own = hub.get("config")
        for metric in content.metrics:
            yield EvalResult(
                task_type=pipeline,
                dataset_type=hub.get("repo", tests[language]["key"]),
                dataset_name=f"{hub.get('name', 'test')}, {named(language)}",
                dataset_config=own if own and configs.count(own) == 1 else language,
                dataset_split=hub.get("split", "test"),
                dataset_revision=hub.get("commit"),
                metric_type=_METRICS.get(metric.name, metric.name),
                metric_name=metric.label,
                metric_value=round(score.metrics[metric.name].value, 2),
            )
