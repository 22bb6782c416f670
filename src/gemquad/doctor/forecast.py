"""How long each stage of a run takes on this machine: layers times tokens, at the speed that is measured (`models`).

A student's frozen layers read a text once, its trained ones in every epoch; the generator reads anew with all layers. What only the
run will tell is assumed: three prompts in four give a pair, 15% of the candidates are silver, completions take two fifths of their
room.
"""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gemquad.check.enough import PAIRS, SILVER
from gemquad.doctor.measured import Tokenizer, measure_learning, measure_writing
from gemquad.errors import UserError
from gemquad.generation.accepted import read_accepted
from gemquad.generation.estimate import without_shared
from gemquad.params import Params, Student
from gemquad.sources.roles import require_roles
from gemquad.tasks.loading import load_task
from gemquad.tasks.prompter import AnyPrompter, PromptSources
from gemquad.workspace import Workspace

_FILLED = 0.4
_ACCEPTED = "accepted"
"""The key of the pairs of `tuning.accepted` among the records, which are no file of the data section."""


def unfetched(params: Params, root: Path) -> dict[str, str]:
    """The keys of the hub's data sets that are not here yet, by their paths."""
    return {
        Workspace().fetched(key).as_posix(): key for key in params.fetches if not Workspace(root).fetched(key).exists()
    }


def read_data(params: Params, root: Path) -> dict[str, list[Any]]:
    """The records that are here by the key of their file; a `UserError` says what the stages `read` and `prepare` refuse."""
    format, waiting, records = load_task(params).format, unfetched(params, root), {}
    require_roles(params.data, params.lang, format)
    files = {key: path for key, path in params.data.sources.items() if path not in waiting}
    if missing := [path for path in files.values() if not (root / path).exists()]:
        raise UserError(f"{', '.join(missing)} missing. Name others: -S data.gold=FILE -S data.languages.es.dev=FILE.")
    for key, path in files.items():
        role, language = params.data.role_of(key)
        records[key] = format.read(root / path, language, role)[: params.data.limit(role)]
        format.facts(role, records[key])
    if params.tuning.has_accepted:
        records[_ACCEPTED] = read_accepted(root / params.tuning.accepted, load_task(params).records.silver)
    return records


def forecast(params: Params, records: Mapping[str, list[Any]], again: bool = False) -> dict[str, float]:
    """Seconds of each stage that computes; `tune` where it does, `generate` where this process is the generator.

    By the speed that was measured on this machine before, where it was; with `again` it is measured anew.
    """
    here, student = params.backend.name == "transformers", Tokenizer(params.student.model)
    load, stages = count_load(params, records, student, Tokenizer(params.generator) if here else student), {}
    if params.tuning.epochs:
        stages["tune"] = tuning_seconds(load, params, *measure_learning(_taught(params), load["row"], again))
    if here:
        read, write = measure_writing(params.generator, params.generation, load["request"], again)
        stages["generate"] = load["read"] * read + load["written"] * write
    return stages | learning_stages(load, params, *measure_learning(params.student, load["pair"], again))


def tuning_seconds(load: dict[str, float], params: Params, layers: int, read: float, learn: float) -> float:
    """Seconds of the stage `tune`; `read` and `learn` are of a token in a layer of the generator, which has `layers`."""
    trained = min(params.tuning.trainable_layers or layers, layers)
    return load["tuned"] * ((layers - trained) * read + trained * learn)


def _taught(params: Params) -> Student:
    """The generator as one that learns: so that its speed is measured as a student's is."""
    tuning, dtype = params.tuning, params.generation.dtype
    return replace(params.student, model=params.generator, layers=None, batch_size=tuning.batch_size, dtype=dtype)


def learning_stages(load: dict[str, float], params: Params, layers: int, read: float, learn: float) -> dict[str, float]:
    """Seconds of the stages after `generate`, in the order of the method; `read` and `learn` are of a token in a layer."""
    student, gold, dev = params.student, load["gold"], load["dev"]
    trained = min(layers if student.trainable_layers is None else student.trainable_layers, layers)
    frozen, top, learn = (layers - trained) * read, trained * read, trained * learn
    candidates = load["prompts"] * PAIRS * params.filter.keep_fraction * load["pair"]
    evaluated = dev + load["test"]
    if params.data.gold:
        stages = {"finetune@0": gold * (frozen + student.epochs * learn)}
    else:  # on all candidates, then once more on either half of them
        stages = {"finetune@0": candidates * (frozen + 2 * student.silver_epochs * learn)}
    stages["evaluate@0"] = evaluated * (frozen + top)
    tuning = (student.silver_epochs * candidates * SILVER + student.epochs * gold) * learn
    for number in range(1, params.stopping.max_rounds + 1):
        first = frozen if number == 1 else 0.0
        # the candidates; dev examples, clean and as many corrupted ones
        stages[f"label@{number}"] = candidates * (first + top) + dev * (first + 2 * top)
        learnt = candidates * (SILVER if number > 1 else 0.0 if params.data.gold else 1.0)
        training = _labeler_passes(params, learnt, gold) * learn
        stages[f"label@{number}"] += (params.filter.labelers - 1) * (training + (candidates + 2 * dev) * top)
        stages[f"finetune@{number}"] = tuning
        stages[f"evaluate@{number}"] = evaluated * top
    beside = len(params.comparisons) * (tuning + evaluated * top)
    return {**stages, "compare": beside} if beside else stages


def _labeler_passes(params: Params, silver: float, gold: float) -> float:
    """Tokens, each as often as it is learnt, of a labeler beside the student: a fold of its silver, all but a fold of gold."""
    student, labelers = params.student, params.filter.labelers
    return (student.silver_epochs * silver + student.epochs * (labelers - 1) * gold) / labelers


def count_load(params: Params, records: Mapping[str, list[Any]], student: Any, generator: Any) -> dict[str, float]:
    """The prompts; tokens by role, read and written, of a mean pair and of a mean request with all its room; those of `tune`."""
    task, held = load_task(params), by_role(params, records)
    inputs = {role: map(task.head().input, held[role]) for role in ("gold", "dev", "test")}
    load = {role: tokens([f"{one.second} {one.text}" for one in asked], student) for role, asked in inputs.items()}
    requests = [task.prompter.request(one) for one in prompts_of(params, held)]
    texts, room = [request.prompt for request in requests], sum(request.max_tokens for request in requests)
    prompted = tokens(texts, generator)
    load |= {"prompts": len(requests), "read": prompted * without_shared(texts), "written": _FILLED * room}
    load |= _tuning_load(params, held, task.prompter, generator)
    return load | {"pair": load["dev"] / max(len(held["dev"]), 1), "request": (prompted + room) / max(len(requests), 1)}


def by_role(params: Params, records: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """The records of the languages to train by their roles, gold and test in every language."""
    held: dict[str, list[Any]] = defaultdict(list)
    for key, found in records.items():
        role, language = (key, "") if key == _ACCEPTED else params.data.role_of(key)
        if language in params.lang or role in ("gold", "test", _ACCEPTED):
            held[role].extend(found)
    return held


def prompts_of(params: Params, held: Mapping[str, list[Any]]) -> list[Any]:
    """The prompts of the data by role; those of the stage `prompt`, unless the leak gate takes passages out."""
    sources = PromptSources(params.lang, held["exemplars"], held["passages"])
    return list(load_task(params).prompter.prompts(sources, params.sampling, params.seed))


def _tuning_load(
    params: Params, held: Mapping[str, list[Any]], prompter: AnyPrompter, generator: Any
) -> dict[str, float]:
    """The tokens from which the generator learns, each as often as it does (`tuned`), and of a mean row of them (`row`)."""
    learnt = [held.get(role, []) for role in ("gold", _ACCEPTED)] if params.tuning.epochs else []
    rows = ["".join(row) for examples in learnt for row in prompter.turned_round(examples, params.seed)]
    each = tokens(rows, generator)
    return {"tuned": params.tuning.epochs * each, "row": each / max(len(rows), 1)}


def tokens(texts: Sequence[str], tokenizer: Any) -> float:
    """The number of tokens of `texts`, extrapolated from a sample that is tokenised."""
    sample = random.Random(0).sample(list(texts), min(32, len(texts)))
    counted = sum(len(ids) for ids in tokenizer(sample)["input_ids"]) if any(sample) else 0
    return counted and counted / sum(map(len, sample)) * sum(map(len, texts))
