"""What the hub's public documentation says of a card's metadata, as rules that need no network.

https://huggingface.co/docs/hub/model-cards, …/datasets-cards, …/repositories-licenses and the specifications modelcard.md and
datasetcard.md of hub-docs; names of tasks from pipelines.ts of huggingface.js. Codes of languages, sizes and creators are the
tables of `datasets`, forms of `configs` and `model-index` the checks of `datasets` and `huggingface_hub`. The hub itself may
check more.
"""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from datasets.utils.metadata import MetadataConfigs
from huggingface_hub import DatasetCard, ModelCard
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id

RESOURCES = files("datasets.utils.resources")
LANGUAGES, SIZES, CREATORS, MULTILINGUALITIES = (
    json.loads((RESOURCES / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("languages", "size_categories", "creators", "multilingualities")
)
LICENCES = {
    *(
        "apache-2.0",
        "mit",
        "openrail",
        "bsd-3-clause",
        "cc",
        "cc0-1.0",
        "cc-by-2.0",
        "cc-by-2.5",
        "cc-by-3.0",
        "cc-by-4.0",
    ),
    *("cc-by-sa-3.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nd-4.0", "cc-by-nc-sa-4.0", "gpl-3.0", "odc-by", "pddl"),
    *("llama2", "gemma", "unknown", "other"),
}
TASKS = {
    "question-answering": {"extractive-qa", "open-domain-qa", "closed-domain-qa"},
    "text-classification": {
        *("acceptability-classification", "multi-class-classification", "multi-input-text-classification"),
        *(
            "natural-language-inference",
            "semantic-similarity-scoring",
            "sentiment-classification",
            "topic-classification",
        ),
    },
    "sentence-similarity": set(),
    "text-generation": set(),
}
DATASET_TYPE = re.compile(r"(?:[\w-]+/)?[\w.-]+")


def problems(kind: str, content: str) -> list[str]:
    """What is wrong with a card; empty for a valid one."""
    try:
        data = (ModelCard if kind == "model" else DatasetCard)(content).data.to_dict()
    except ValueError as error:
        return [str(error)]
    return [*_common(data), *(_of_model(data) if kind == "model" else _of_dataset(data))]


def _common(data: dict[str, Any]) -> Iterator[str]:
    for code in data.get("language", []):
        if code not in LANGUAGES:
            yield f"language: {code} is no ISO 639 code"
    for licence in _listed(data.get("license")):
        if licence not in LICENCES:
            yield f"license: {licence} is no identifier of the hub"
        if licence == "other" and not data.get("license_name"):
            yield "license_name is missing"


def _of_model(data: dict[str, Any]) -> Iterator[str]:
    if data.get("pipeline_tag") not in TASKS:
        yield f"pipeline_tag: {data.get('pipeline_tag')} is no task of the hub"
    for name in [*_listed(data.get("base_model")), *_listed(data.get("datasets"))]:
        try:
            validate_repo_id(name)
        except HFValidationError as error:
            yield str(error)
    for result in (result for model in data.get("model-index", []) for result in model["results"]):
        if not DATASET_TYPE.fullmatch(result["dataset"]["type"]):
            yield f"model-index: dataset.type {result['dataset']['type']} is no id"
        if result["task"]["type"] not in TASKS:
            yield f"model-index: task.type {result['task']['type']} is no task of the hub"
        for metric in result["metrics"]:
            if not isinstance(metric["value"], int | float):
                yield f"model-index: {metric['type']} has the value {metric['value']}"


def _of_dataset(data: dict[str, Any]) -> Iterator[str]:
    known = {
        "size_categories": SIZES,
        "multilinguality": MULTILINGUALITIES,
        "annotations_creators": CREATORS["annotations"],
        "language_creators": CREATORS["language"],
        "task_categories": TASKS,
        "task_ids": set().union(*TASKS.values()),
    }
    for field, values in known.items():
        yield from (f"{field}: {value} is not known" for value in _listed(data.get(field)) if value not in values)
    try:
        MetadataConfigs({config["config_name"]: config for config in data.get("configs", [])}).get_default_config_name()
        for config in data.get("configs", []):
            MetadataConfigs._raise_if_data_files_field_not_valid(config)
    except (KeyError, ValueError) as error:
        yield f"configs: {error}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
