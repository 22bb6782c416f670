"""How long each stage of a run takes on this machine: layers times tokens, at the speed that was measured (`speed`).

Tokens are counted in the data files before anything runs. Frozen layers read a text once, trained ones in every epoch. What only
the run will tell is assumed, from runs on the sample: three prompts in four give a candidate, a quarter of the synthetic pairs
is silver, a completion takes two fifths of its room. The loop is taken to run to `stopping.max_rounds`.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gemquad.doctor.needs import trained_layers
from gemquad.generation.estimate import without_shared
from gemquad.params import Params

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from gemquad.doctor.speed import Learning, Writing

_CANDIDATES, _SILVER, _FILLED = 0.75, 0.25, 0.4
_SAMPLE = 32  # texts of which the tokens for a character are counted


@dataclass(frozen=True)
class Load:
    """What a run computes, in tokens: texts of each role; what the generator reads and writes; `pair`, a mean synthetic pair.

    `chosen` are the tokens for which the output head is computed: those written freely, and those of answers that are ranked.
    """

    gold: float
    dev: float
    test: float
    pair: float
    prompts: int
    read: float
    written: float
    chosen: float
    request: float  # of a mean prompt with all its room


def forecast(params: Params, root: Path) -> dict[str, float]:
    """Seconds of every stage that computes, in the order of the method; `generate` only where this process is the generator.

    Measuring takes a few seconds.

    Raises:
        UserError: a file or a model is missing, or of a form that cannot be measured.
    """
    begun = time.perf_counter()
    import gemquad.student.training  # noqa: F401, each of these stages loads what this loads
    from gemquad.doctor.speed import measure_learning, measure_writing
    from gemquad.generation.backends.in_process import load_tokenizer

    starting = time.perf_counter() - begun
    student, generator = params.student.model, params.generator
    here = params.backend.name == "transformers"
    read_by = load_tokenizer(student)
    asked_of = load_tokenizer(generator) if here and generator != student else read_by
    load = count_load(params, root, read_by, asked_of)
    stages = {}
    if here:
        writing = measure_writing(generator, params.generation, load.request)
        stages["generate"] = generating(writing, load.read, load.written, load.chosen)
    stages |= learning_stages(load, params, measure_learning(params.student, load.pair))
    return {stage: starting + seconds for stage, seconds in stages.items()}


def generating(speed: "Writing", read: float, written: float, chosen: float) -> float:
    """Seconds to read and write the given numbers of tokens; the output head is computed for `chosen` tokens."""
    return speed.layers * (read * speed.read + written * speed.write) + chosen * speed.word


def learning_stages(load: Load, params: Params, speed: "Learning") -> dict[str, float]:
    """Seconds of the stages after `generate`, in the order of the method."""
    student = params.student
    trained = trained_layers(student, speed.layers)
    top, frozen = trained * speed.read, (speed.layers - trained) * speed.read
    keep = 1.0 if params.generation.rank_by == "none" else params.generation.keep_fraction
    synthetic = load.prompts * _CANDIDATES * keep * load.pair
    silver = synthetic * _SILVER
    evaluated = load.dev + load.test
    if params.data.gold:
        stages = {"finetune@0": load.gold * (frozen + student.epochs * trained * speed.learn)}
    else:  # on all synthetic pairs, then once more on either half of them
        stages = {"finetune@0": synthetic * (frozen + 2 * student.silver_epochs * trained * speed.learn)}
    stages["evaluate@0"] = evaluated * (frozen + top)
    tuning = (student.silver_epochs * silver + student.epochs * load.gold) * trained * speed.learn
    for number in range(1, params.stopping.max_rounds + 1):
        first = frozen if number == 1 else 0.0
        stages[f"filter@{number}"] = synthetic * (first + top)
        stages[f"audit@{number}"] = load.dev * (first + 2 * top)  # clean examples, and as many corrupted ones
        stages[f"finetune@{number}"] = tuning
        stages[f"evaluate@{number}"] = evaluated * top
    if params.comparisons:
        stages["compare"] = len(params.comparisons) * (tuning + evaluated * top)
    return stages


def count_load(
    params: Params, root: Path, student: "PreTrainedTokenizerBase", generator: "PreTrainedTokenizerBase"
) -> Load:
    """The tokens of a run, from the data files at `root`; of each role a sample is tokenised, the rest goes by its length.

    Raises:
        UserError: a file is missing or malformed.
    """
    from gemquad.tasks.loading import load_task
    from gemquad.tasks.prompter import PromptSources

    task = load_task(params)
    head = task.head()
    held: dict[str, list[Any]] = {}
    for key, path in params.data.sources.items():
        role, language = params.data.role_of(key)
        if language in params.lang or role in ("gold", "test"):
            records = task.format.read(root / path, language, role)[: params.data.limit(role)]
            held.setdefault(role, []).extend(records)

    def texts(role: str) -> list[str]:
        inputs = [head.input(record) for record in held.get(role, [])]
        return [f"{one.second} {one.text}" for one in inputs]

    gold, dev, test = (tokens(texts(role), student) for role in ("gold", "dev", "test"))
    sources = PromptSources(params.lang, held.get("exemplars", []), held.get("passages", []))
    prompts = task.prompter.prompts(sources, params.sampling, params.seed)
    prompt_texts = [prompt.text for prompt in prompts]
    read = tokens(prompt_texts, generator) * without_shared(prompt_texts)
    requests = [task.prompter.request(prompt) for prompt in prompts]
    written = sum(request.max_tokens for request in requests) * _FILLED
    fields = [field for request in requests for field in request.fields]
    drawn = sum(field.max_tokens for field in fields if field.mode != "extract") * _FILLED
    ranked = 0.0
    if params.generation.rank_by != "none":
        passages = tokens([passage.text for passage in sources.passages], generator)
        ranked = len(prompts) * _CANDIDATES * params.generation.max_answer_tokens
        read += passages + _CANDIDATES * written
    pair = dev / max(len(held.get("dev", [])), 1)
    request = (tokens(prompt_texts, generator) + written / _FILLED) / max(len(prompts), 1)
    return Load(gold, dev, test, pair, len(prompts), read, written, drawn + ranked, request)


def tokens(texts: Sequence[str], tokenizer: "PreTrainedTokenizerBase") -> float:
    """The number of tokens of `texts`, extrapolated from a tokenised sample."""
    sample = random.Random(0).sample(list(texts), min(_SAMPLE, len(texts)))
    characters = sum(map(len, sample))
    if not characters:
        return 0.0
    counted = sum(len(ids) for ids in tokenizer(sample)["input_ids"])
    return counted / characters * sum(map(len, texts))
