"""The card of the silver: https://huggingface.co/docs/hub/datasets-cards."""

from collections.abc import Sequence
from typing import Any

from huggingface_hub import DatasetCard, DatasetCardData

from gemquad.cards.facts import facts, iso_639, template
from gemquad.cards.licences import NOT_STATED, data_licence
from gemquad.cards.silver import Part
from gemquad.params import Params
from gemquad.report.content import PageContent
from gemquad.report.formatting import listed
from gemquad.tasks.loading import load_task
from gemquad.views.loading import load_view


def dataset_card(content: PageContent, params: Params, parts: Sequence[Part], number: int) -> str:
    """The README.md of the folder that holds `parts`, as the filter of round `number` made them."""
    data = _data(content, params, parts)
    card = DatasetCard.from_template(data, template_str=template("dataset"), **facts(content, params), number=number)
    return f"{card}\n"


def size_category(pairs: int) -> str:
    """The hub's category of a data set of so many examples."""
    limits = {"n<1K": 10**3, "1K<n<10K": 10**4, "10K<n<100K": 10**5, "100K<n<1M": 10**6, "1M<n<10M": 10**7}
    return next((name for name, limit in limits.items() if pairs < limit), "10M<n<100M")


def configurations(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """What `datasets.load_dataset(folder, NAME)` opens: "default", all languages, and each language by its code."""
    configs: dict[str, dict[str, list[str]]] = {}
    for name, part in [*(("default", part) for part in parts), *((part.language, part) for part in parts)]:
        configs.setdefault(name, {}).setdefault(part.split, []).append(part.path)
    files = {name: [{"split": split, "path": paths} for split, paths in own.items()] for name, own in configs.items()}
    return [{"config_name": name, "data_files": data_files} for name, data_files in files.items()]


def _data(content: PageContent, params: Params, parts: Sequence[Part]) -> DatasetCardData:
    """The metadata; of a licence that the hub has no identifier for, a name of that form."""
    hub_task = load_view(load_task(params)).hub_task
    passages = [source for source in content.sources if source["role"] == "passages"]
    licences = [data_licence(source) for source in passages] or [NOT_STATED]
    identifiers = list(dict.fromkeys(licence.identifier for licence in licences))
    others = [licence.title.lower().replace(" ", "-") for licence in licences if licence.identifier == "other"]
    return DatasetCardData(
        language=iso_639(content.trained),
        license=identifiers[0] if len(identifiers) == 1 else identifiers,
        license_name=others[0] if others else None,
        annotations_creators=["machine-generated"],
        language_creators=["machine-generated"],
        multilinguality=["multilingual" if len(content.trained) > 1 else "monolingual"],
        pretty_name=f"{params.task.name}, synthetic, {listed(list(content.trained))}",
        size_categories=[size_category(sum(part.pairs for part in parts))],
        source_datasets=list(dict.fromkeys(one["hub"]["repo"] for one in passages if one["hub"])) or ["original"],
        task_categories=[hub_task.pipeline],
        task_ids=[hub_task.task_id],
        tags=["gemquad", "synthetic-data"],
        configs=configurations(parts) or None,
    )
