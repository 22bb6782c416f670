"""The card of the silver: https://huggingface.co/docs/hub/datasets-cards."""

from collections.abc import Mapping, Sequence
from typing import Any

from huggingface_hub.repocard_data import DatasetCardData

from gemquad.cards import tables
from gemquad.cards.licences import NOT_STATED, Licence, Weights, data_licence, generator, weights
from gemquad.cards.limits import warnings
from gemquad.cards.markdown import bullets, card, fenced
from gemquad.cards.model import METHOD, languages
from gemquad.cards.silver import Part
from gemquad.params import Params
from gemquad.report.content import PageContent
from gemquad.report.formatting import count, listed
from gemquad.report.markdown import table
from gemquad.tasks.loading import load_task
from gemquad.views.loading import load_view
from gemquad.views.task_view import AnyTaskView

_SIZES = {"n<1K": 10**3, "1K<n<10K": 10**4, "10K<n<100K": 10**5, "100K<n<1M": 10**6, "1M<n<10M": 10**7}
"""Categories of the hub, and the number that each stays under."""

_COLUMNS = (
    "`silver` is what the filter kept. `labeler_answer` is what the weak labeler said, at `labeler_start` of the passage or -1 "
    "where answers have no place, with `labeler_confidence`; `agreement` is 0 to 1, by the rule of the task."
)


def dataset_card(content: PageContent, params: Params, parts: Sequence[Part], number: int) -> str:
    """The README.md of the folder that holds `parts`, as the filter of round `number` made them."""
    wrote = generator(params)
    name = f"{params.task.name}, synthetic, {listed(list(content.trained))}"
    passages = [source for source in content.sources if source["role"] == "passages"]
    return card(
        _data(content, load_view(load_task(params)), parts, passages, name),
        f"# {name}",
        _what(content, params, wrote, number),
        _counts(content, number),
        "## Use",
        _usage(parts),
        _COLUMNS,
        "## How it was made",
        bullets(_how(content, params)),
        tables.rounds(content),
        "## The filter, audited",
        f"On dev examples with their own answers, and with corrupted ones: {tables.AUDIT}",
        tables.audit(content),
        "## Licences",
        _terms(wrote, passages),
        tables.sources(content.sources),
        "## Limits",
        bullets(
            [
                f"The pairs were written by {wrote.name}, and a small model chose among them; no person has checked them.",
                "A rejected pair is one on which a student disagreed, not a wrong one: the audit has the recall.",
                *warnings(content),
            ]
        ),
    )


def size_category(pairs: int) -> str:
    """The hub's category of a data set of so many examples."""
    return next((name for name, limit in _SIZES.items() if pairs < limit), "10M<n<100M")


def configurations(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """What `datasets.load_dataset(folder, NAME)` opens: "default", all languages, and each language by its code."""
    by_language = {"default": parts, **{p.language: [q for q in parts if q.language == p.language] for p in parts}}
    return [{"config_name": name, "data_files": _splits(own)} for name, own in by_language.items() if own]


def _splits(parts: Sequence[Part]) -> list[dict[str, Any]]:
    names = dict.fromkeys(part.split for part in parts)
    return [{"split": name, "path": [part.path for part in parts if part.split == name]} for name in names]


def _data(
    content: PageContent, view: AnyTaskView, parts: Sequence[Part], passages: Sequence[Mapping[str, Any]], name: str
) -> DatasetCardData:
    repositories = list(dict.fromkeys(source["hub"]["repo"] for source in passages if source["hub"]))
    licences = [data_licence(source) for source in passages] or [NOT_STATED]
    return DatasetCardData(
        language=languages(list(content.trained)),
        annotations_creators=["machine-generated"],
        language_creators=["machine-generated"],
        multilinguality=["multilingual" if len(content.trained) > 1 else "monolingual"],
        pretty_name=name,
        size_categories=[size_category(sum(part.pairs for part in parts))],
        source_datasets=repositories or ["original"],
        task_categories=[view.hub_task.pipeline],
        task_ids=[view.hub_task.task_id],
        tags=["gemquad", "synthetic-data"],
        configs=configurations(parts) or None,
        **_licence(licences),
    )


def _licence(licences: Sequence[Licence]) -> dict[str, Any]:
    """One identifier, or several; of a licence that the hub has no identifier for, a name of that form."""
    identifiers = list(dict.fromkeys(licence.identifier for licence in licences))
    named = [licence.title.lower().replace(" ", "-") for licence in licences if licence.identifier == "other"]
    return {
        "license": identifiers[0] if len(identifiers) == 1 else identifiers,
        "license_name": named[0] if named else None,
    }


def _what(content: PageContent, params: Params, wrote: Weights, number: int) -> str:
    student = weights(params.student.model.name)
    trained = listed([tables.named(language) for language in content.trained])
    return (
        f"Pairs that {wrote.name} wrote in {trained} by {METHOD}, with what the filter of round {number} made of them: the "
        f"weak labeler, fine-tuned from {student.name} before that round, answered each pair; where it agreed, the pair is silver."
    )


def _counts(content: PageContent, number: int) -> str:
    """How much of each language is silver."""
    counts = {language: content.silver(number, language) for language in content.trained}
    rows = [[tables.named(x), count(said.silver), count(said.synthetic)] for x, said in counts.items() if said]
    return table(["language", "silver", "synthetic pairs"], rows, texts=1) or "There is no pair."


def _usage(parts: Sequence[Part]) -> str:
    if not parts:
        return ""
    code = ["from datasets import load_dataset", "", f'pairs = load_dataset("FOLDER_OR_HUB_ID", "{parts[0].language}")']
    return fenced("python", code)


def _how(content: PageContent, params: Params) -> list[str]:
    settings = content.settings
    drawn = {name: settings[name] for name in ("temperature", "top-k", "top-p", "agreement threshold", "seed")}
    made = [
        f"{tables.named(language)}: {count(found.prompts)} prompts, {count(found.outcomes.get('ok', 0))} usable pairs, of "
        f"which {count(found.synthetic_pairs)} were chosen"
        for language, found in content.generation.languages.items()
    ]
    return [*made, *(f"{name}: {value}" for name, value in drawn.items())]


def _terms(wrote: Weights, passages: Sequence[Mapping[str, Any]]) -> str:
    texts = (
        "The passages are texts of their sources, under the licences of those; questions and answers were generated."
        if passages
        else "All texts were generated after exemplars; no licence has been chosen for them."
    )
    return f"{texts} Terms of {wrote.name}, which wrote them: {wrote.licence.title}."
