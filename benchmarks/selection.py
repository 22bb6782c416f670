"""Does the filter earn its place? Selections of synthetic pairs against one another, on real data, in one run of minutes on a GPU.

    python benchmarks/real_data.py --squadshifts new_wiki_v1.0.json --xquad xquad --out real --gold 2000 \\
        --languages en es hi de ar vi zh
    python benchmarks/selection.py --data real --out selection
    python benchmarks/selection_table.py selection/predictions.parquet

Two pools are written: by the generator as it is, and by one that was fine-tuned on gold turned round. Students of English gold are
trained meanwhile, one for each seed; those of the first seeds are the labelers, which answer every parsed pair and a pair of every
kind of corruption of dev. Then the arms (`selection_arms.py`) are trained seed by seed, several at a time in processes of their
own, for a step of a small model leaves most of a GPU idle. One multilingual student learns all languages. After `--budget-seconds`
nothing is begun that would not end by then. Every finished student's answers to dev and test are in `predictions.parquet` at once;
`pairs.POOL.parquet` holds a pool with what the labelers said, `audit.parquet` the corrupted pairs, `run.json` counts and times.
"""

import argparse
import gc
import os
import shutil
import statistics
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import pyarrow.parquet as pq
import torch
import transformers
from selection_arms import SELECTIONS, Arm, Pool, Rules, Said, phases, said, updates_of, verdict

from gemquad.compute import compute_dtype, device
from gemquad.files import write_json
from gemquad.generation.backends.registry import load_backend
from gemquad.generation.engine import Engine
from gemquad.generation.pairs import (
    PairPlan,
    answer_blind,
    complete,
    judge_answers,
    reject_near_duplicates,
    reject_repeats,
)
from gemquad.generation.store import CompletionStore
from gemquad.generation.tuning import tune_generator, tuning_rows
from gemquad.params import ModelSource, Params, Tuning, load_params
from gemquad.parquet import write_records
from gemquad.rounds.comparisons import budget_of
from gemquad.rounds.halves import dev_halves
from gemquad.schema import Passage, Question, SyntheticPair
from gemquad.sources.squad import read_passages, read_questions
from gemquad.student.evaluation import label_candidates, predict
from gemquad.student.training import Phase, fine_tune
from gemquad.student.value import values
from gemquad.tasks.loading import load_task
from gemquad.tasks.prompter import PromptSources

ROOT = Path(__file__).parents[1]
LANGUAGES = ("es", "hi", "de", "ar", "vi", "zh")
ARMS = (
    "english", "random", "repaired", "tuned_random", "tuned_repaired", "tuned_silver", "surest", "silver", "random_as_silver",
    "tuned_wide", "likeliest", "weighted", "unsure", "informative", "valuable",
)  # fmt: skip
"""In the order in which a seed's are trained."""
FEW = ("weighted", "unsure", "informative", "valuable")
_VALUES = -1
"""The place of what pairs are worth to the first labeler among what the labelers say."""
Given = TypeVar("Given")


@dataclass(frozen=True)
class Scored:
    """A student's answer to a question of dev or test; `group` is its passage, F1 and exact match are 0 to 1."""

    id: str
    language: str
    split: str
    group: str
    arm: str
    seed: int
    answer: str
    confidence: float
    f1: float
    exact_match: float


@dataclass(frozen=True)
class Labelled:
    """A pair with what the labelers said of it: each one's best answer, and the probability it gives to the pair's own.

    `answer_of_all` is that of the highest mean probability. `corruption` is that of an audited pair, "" where it is dev's own.
    """

    id: str
    language: str
    passage_id: str
    question: str
    answer: str
    answer_start: int
    logprob: float
    corruption: str
    labeler_answers: list[str]
    labeler_starts: list[int]
    labeler_confidences: list[float]
    labeler_rights: list[float]
    answer_of_all: str
    start_of_all: int
    confidence_of_all: float


@dataclass(frozen=True)
class Trained:
    """A finished training: answers to dev and test, the learning curve, seconds of all of it and of training, GiB at most."""

    predictions: list[Any]
    curve: list[dict[str, Any]]
    seconds: float
    training_seconds: float
    gib: float


@dataclass(frozen=True)
class Material:
    """The questions and passages of all languages."""

    gold: list[Question]
    sources: PromptSources[Question]
    splits: dict[str, list[Question]]

    @classmethod
    def read(cls, folder: Path, languages: Sequence[str], gold: int | None) -> "Material":
        """The files that `real_data.py` writes; of gold the first `gold` questions."""

        def questions(role: str) -> list[Question]:
            return [one for code in languages for one in read_questions(folder / f"{role}.{code}.json", code)]

        passages = [one for code in languages for one in read_passages(folder / f"passages.{code}.json", code)]
        return cls(
            read_questions(folder / "gold.json", "en")[:gold],
            PromptSources(list(languages), questions("exemplars"), passages),
            {split: questions(split) for split in ("dev", "test")},
        )


def main() -> None:
    """Run the experiment and print what it took."""
    args = arguments()
    params, material = settings(args), Material.read(args.data, args.languages, args.gold)
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, executor(args.workers) as workers:
        Experiment(args, params, material, workers, Path(scratch)).run()


def arguments() -> argparse.Namespace:
    """The options; all defaults are those of one H100."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder written by real_data.py")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--languages", nargs="+", default=LANGUAGES)
    parser.add_argument("--gold", type=int, help="at most so many gold questions")
    parser.add_argument("--prompts-per-passage", type=int, default=36)
    parser.add_argument("--tuned-prompts-per-passage", type=int, default=20)
    parser.add_argument("--tuning-epochs", type=float, default=2)
    parser.add_argument("--tuning-rate", type=float, default=5e-5)
    parser.add_argument("--keep", type=Path, help="folder for the first labeler")
    parser.add_argument("--seeds", type=int, nargs="+", default=[13, 14, 15, 16, 17])
    parser.add_argument("--labelers", type=int, default=3, help="students of gold that judge: those of the first seeds")
    parser.add_argument("--size", type=int, default=300, help="pairs of each language in an arm")
    parser.add_argument(
        "--arms", nargs="+", default=list(ARMS), help="selections, `tuned_` before those of the second pool"
    )
    parser.add_argument("--few", nargs="*", default=list(FEW), help="arms for the first three seeds alone")
    parser.add_argument(
        "--pool", type=Path, help="pairs.plain.parquet of an earlier run with the same generator and prompts"
    )
    parser.add_argument("--workers", type=int, default=4, help="trainings at a time; 0 trains in this process")
    parser.add_argument("--budget-seconds", type=float, default=450)
    parser.add_argument("--batch-tokens", type=int, default=262144)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--eval-batch-size", type=int, default=128)
    parser.add_argument(
        "--learning-rate", type=float, default=2e-4, help="the default's, times the root of the batch's"
    )
    parser.add_argument("--head-learning-rate", type=float, default=2e-3)
    parser.add_argument("--epochs", type=float, help="of gold; the default's where not given")
    parser.add_argument("--min-f1", type=float, help="at which answers agree; the default's where not given")
    parser.add_argument("--backend", default="transformers", choices=["transformers", "scripted"])
    parser.add_argument("--model", help="a folder, generator and student in place of the default's")
    return parser.parse_args()


def settings(args: argparse.Namespace) -> Params:
    """The repository's settings with those of the options."""
    params = load_params(ROOT / "params.yaml")
    student = replace(
        params.student,
        batch_size=args.batch_size,
        eval_batch_size=args.eval_batch_size,
        learning_rate=args.learning_rate,
        head_learning_rate=args.head_learning_rate,
        epochs=args.epochs or params.student.epochs,
    )
    generator = params.generator
    if args.model:
        generator = ModelSource(args.model)
        student = replace(student, model=generator, layers=None, trainable_layers=1)
    generation = replace(params.generation, batch_tokens=args.batch_tokens, max_question_tokens=56)
    least = params.filter.min_f1 if args.min_f1 is None else args.min_f1
    return replace(
        params,
        lang=list(args.languages),
        generator=generator,
        generation=generation,
        student=student,
        backend=replace(params.backend, name=args.backend),
        prompting=replace(params.prompting, prompts_per_passage=args.prompts_per_passage),
        filter=replace(params.filter, min_f1=least),
    )


class Inline(Executor):
    """Runs a call where it is submitted."""

    def submit(self, fn: Callable[..., Given], /, *args: Any, **kwargs: Any) -> "Future[Given]":
        """A future that is done."""
        future: Future[Given] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def executor(workers: int) -> Executor:
    """So many processes, each with what it has loaded kept from call to call; 0 is this one."""
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn")) if workers else Inline()


def train(
    params: Params, stages: list[Phase], splits: dict[str, list[Question]], seed: int, folder: Path, keep: bool = True
) -> Trained:
    """Train a student through `stages` into `folder`, have it answer every split, and drop it unless it is to `keep`."""
    began, task = time.perf_counter(), load_task(params)
    with checkpoints_beside(folder):
        curve = fine_tune(stages, task.head(), params.student, seed, folder)
    trained = time.perf_counter() - began
    predictions = predict(folder, splits, params.student, task, task.head())
    gib = peak_gib()
    emptied()
    if not keep:
        shutil.rmtree(folder)
    return Trained(predictions, curve, time.perf_counter() - began, trained, gib)


@contextmanager
def checkpoints_beside(folder: Path) -> Iterator[None]:
    """Checkpoints go to a folder that no other training looks through meanwhile."""
    kept = os.environ.get("DVC_ROOT")
    with tempfile.TemporaryDirectory(dir=folder.parent) as own:
        os.environ["DVC_ROOT"] = own
        yield
    os.environ.pop("DVC_ROOT")
    os.environ.update({"DVC_ROOT": kept} if kept else {})


@dataclass(frozen=True)
class Drawn:
    """A pool before it is labelled."""

    pairs: list[SyntheticPair]
    logprobs: dict[str, float]
    blind: dict[str, str]


def judged(folder: Path, pairs: Sequence[SyntheticPair], params: Params) -> list[Said]:
    """What the student in `folder` says of pairs."""
    task = load_task(params)
    found = label_candidates(folder, pairs, params.student, task.head())
    result = [said(pair, own, params.filter, task) for pair, own in zip(pairs, found, strict=True)]
    emptied()
    return result


def valued(folder: Path, pairs: Sequence[SyntheticPair], dev: Sequence[Question], params: Params) -> list[float]:
    """What pairs are worth to the student in `folder` by half of dev."""
    task = load_task(params)
    found = values(folder, pairs, dev_halves(dev, task)[0], params.student, task.head())
    emptied()
    return found


class _Gathered:
    """Waits for as many parts as there are `keys`, then gives them on by their keys."""

    def __init__(self, keys: Sequence[int], then: Callable[[dict[int, Any]], None]) -> None:
        self._keys, self._then, self._parts = keys, then, dict[int, Any]()

    def __call__(self, key: int, part: Any) -> None:
        self._parts[key] = part
        if len(self._parts) == len(self._keys):
            self._then({one: self._parts[one] for one in self._keys})


class Experiment:
    """One run: what it found so far is in its files at any time.

    `under_way` are the calls that are not done, each with what takes their result: trainings and labelling in processes, the
    writing of pools in a thread of this one.
    """

    def __init__(
        self, args: argparse.Namespace, params: Params, material: Material, workers: Executor, scratch: Path
    ) -> None:
        self.args, self.params, self.material, self.workers, self.scratch = args, params, material, workers, scratch
        self.task = load_task(params)
        self.head = self.task.head()
        self.gold = [self.head.input(question) for question in material.gold]
        self.audited = self.task.audit_pairs(material.splits["dev"], params.seed)
        self.group_of = {
            (split, one.language, one.id): Passage.id_of(one.passage)
            for split, own in material.splits.items()
            for one in own
        }
        self.began = time.perf_counter()
        self.rows: list[Scored] = []
        self.facts: dict[str, Any] = {"environment": environment(params), "settings": described(args)}
        self.facts.update(seconds={}, trainings=[], failures=[], pools={}, generation={})
        self.under_way: dict[Future[Any], Callable[[Any], None]] = {}
        self.writing: list[Future[Drawn]] = []
        self.labelers: list[int] = []
        self.unlabelled: dict[str, Drawn] = {}
        self.waiting: list[tuple[int, int, Arm]] = []  # the number of the seed, that of the arm, the arm
        self.gold_updates, self.longest = 0, 0.0

    def run(self) -> None:
        """From prompts to the last student."""
        with ThreadPoolExecutor(1) as writer:
            for name in ("plain", "tuned"):
                if any(arm.startswith("tuned_") == (name == "tuned") for arm in self.args.arms):
                    self.writing.append(writer.submit(self._write, name))
                    self._then(self.writing[-1], partial(self._written, name))
            for seed in self.args.seeds:
                own = self._train([Phase("gold", self.gold, self.params.student.epochs)], seed, "baseline")
                self._then(own, partial(self._baseline, seed))
            while self._feed() or self.under_way:
                for done in wait(self.under_way, return_when=FIRST_COMPLETED).done:
                    take = self.under_way.pop(done)
                    try:
                        take(done.result())
                    except Exception:  # the others go on
                        self._failed()
        self.facts["not_begun"] = [f"{arm.name} {self.args.seeds[number]}" for number, _, arm in self.waiting]
        self._mark("end")
        print(f"{len(self.facts['trainings'])} students in {self.facts['seconds']['end']:.0f} s", flush=True)

    def _then(self, future: "Future[Any]", take: Callable[[Any], None]) -> None:
        self.under_way[future] = take

    def _train(self, stages: list[Phase], seed: int, name: str) -> "Future[Trained]":
        folder = self._folder(name, seed)
        keep = name == "baseline"
        return self.workers.submit(train, self.params, stages, self.material.splits, seed, folder, keep)

    def _baseline(self, seed: int, trained: Trained) -> None:
        """A student of gold alone; of a first seed it is a labeler."""
        self._collect("baseline", seed, trained)
        self.gold_updates = budget_of(0, trained.curve).gold
        if self.args.keep and seed == self.args.seeds[0]:
            shutil.copytree(self._folder("baseline", seed), self.args.keep)
        if seed in self.args.seeds[: self.args.labelers]:
            self.labelers.append(seed)
        self._label_what_waits()

    def _written(self, name: str, pool: Drawn) -> None:
        self._mark(f"{name} written")
        self.unlabelled[name] = pool
        self._label_what_waits()

    def _label_what_waits(self) -> None:
        """Once all labelers are there, have them judge every pool that is; beside the first the audited pairs."""
        while self.unlabelled and len(self.labelers) == min(self.args.labelers, len(self.args.seeds)):
            name, pool = self.unlabelled.popitem()
            asked = [*pool.pairs, *(() if self.facts["pools"] else (one.pair for one in self.audited))]
            self.facts["pools"][name] = dict(Counter(pair.language for pair in pool.pairs))
            is_valued = name == "plain" and "valuable" in self.args.arms
            keys = [*sorted(self.labelers), *([_VALUES] if is_valued else [])]
            take = _Gathered(keys, partial(self._labelled, name, pool))
            if is_valued:
                folder = self._folder("baseline", min(self.labelers))
                own = self.workers.submit(valued, folder, pool.pairs, self.material.splits["dev"], self.params)
                self._then(own, partial(take, _VALUES))
            for seed in self.labelers:
                own = self.workers.submit(judged, self._folder("baseline", seed), asked, self.params)
                self._then(own, partial(take, seed))

    def _labelled(self, name: str, drawn: Drawn, parts: dict[int, Any]) -> None:
        """Write down what was said, and put the arms of the pool in their places in the queue."""
        self._mark(f"{name} labelled")
        worth = dict(zip((pair.id for pair in drawn.pairs), parts.pop(_VALUES, ()), strict=False))
        labelers: list[list[Said]] = list(parts.values())
        audited = [one.pair for one in self.audited] if len(labelers[0]) > len(drawn.pairs) else []
        verdicts = [
            verdict(pair, own, self.params.filter, self.task)
            for pair, own in zip([*drawn.pairs, *audited], zip(*labelers, strict=True), strict=True)
        ]
        rows = [
            Labelled(
                **{key: value for key, value in asdict(pair).items() if key != "passage"},
                logprob=drawn.logprobs.get(pair.id, float("-inf")),
                corruption=corruption,
                labeler_answers=[one.answers[0].text for one in own],
                labeler_starts=[one.answers[0].start for one in own],
                labeler_confidences=[one.answers[0].confidence for one in own],
                labeler_rights=[one.right for one in own],
                answer_of_all=found.answer.text,
                start_of_all=found.answer.start,
                confidence_of_all=found.answer.confidence,
            )
            for (pair, corruption), own, found in zip(
                [
                    *((pair, "") for pair in drawn.pairs),
                    *((one.pair, one.corruption) for one in self.audited if audited),
                ],
                zip(*labelers, strict=True),
                verdicts,
                strict=True,
            )
        ]
        write_records(self.args.out / f"pairs.{name}.parquet", Labelled, rows[: len(drawn.pairs)])
        if audited:
            write_records(self.args.out / "audit.parquet", Labelled, rows[len(drawn.pairs) :])
        pool = Pool(drawn.pairs, verdicts[: len(drawn.pairs)], drawn.logprobs, worth, drawn.blind)
        self._queue(name, pool)

    def _queue(self, name: str, pool: Pool) -> None:
        prefix = "tuned_" if name == "tuned" else ""
        for place, full_name in enumerate(self.args.arms):
            selection = full_name.removeprefix("tuned_")
            if full_name.startswith("tuned_") != bool(prefix):
                continue
            for number, seed in enumerate(self.args.seeds):
                if full_name in self.args.few and number >= 3:
                    continue
                rules = Rules(self.args.size, self.params.filter, self.task, seed)
                try:
                    arm = Arm(selection, []) if selection == "english" else SELECTIONS[selection](pool, rules)
                except Exception:  # the other arms do without
                    self._failed()
                    continue
                if arm.pairs or selection == "english":
                    self.waiting.append((number, place, replace(arm, name=full_name)))
                    self.facts.setdefault("pairs", {})[full_name] = dict(Counter(one.language for one in arm.pairs))
        self.waiting.sort(key=lambda one: one[:2])
        self._mark(f"{name} queued")

    def _feed(self) -> bool:
        """Begin trainings while there are workers and time; whether any is under way or began."""
        busy = len(self.under_way) - sum(future in self.under_way for future in self.writing)
        while self.waiting and busy < max(self.args.workers, 1) and self._time_for(self.longest):
            number, _, arm = self.waiting.pop(0)
            seed = self.args.seeds[number]
            updates = updates_of(self.args.size, len(self.args.languages), self.params.student)
            stages = phases(arm, self.gold, self.gold_updates, updates, self.head)
            self._then(
                self._train(stages, seed, arm.name),
                lambda own, name=arm.name, seed=seed: self._collect(name, seed, own),
            )
            busy += 1
        return busy > 0

    def _time_for(self, seconds: float) -> bool:
        return time.perf_counter() - self.began + seconds < self.args.budget_seconds

    def _write(self, name: str) -> Drawn:
        """A pool: of the generator as it is, taken from an earlier run where one is given, or tuned on gold."""
        if name == "plain" and self.args.pool:
            return self._read(self.args.pool)
        params = self.params
        per_passage = self.args.prompts_per_passage if name == "plain" else self.args.tuned_prompts_per_passage
        task = load_task(replace(params, prompting=replace(params.prompting, prompts_per_passage=per_passage)))
        generator = params.generator if name == "plain" else self._tuned()
        plan: PairPlan[SyntheticPair] = PairPlan(task.prompter, params.generation)
        prompts = task.prompter.prompts(self.material.sources, params.sampling, params.seed)
        backend = load_backend(params.backend, generator, params.generation)
        engine = Engine(backend, CompletionStore(self.scratch / f"{name}.db"))
        self._mark(f"{name} prompts")
        candidates = reject_near_duplicates(reject_repeats(complete(prompts, engine, plan), plan), plan)
        self._mark(f"{name} parsed")
        self.facts["generation"][name] = {
            "prompts": len(prompts),
            "prompt_tokens": engine.spent.prompt_tokens,
            "completion_tokens": engine.spent.completion_tokens,
            "seconds": engine.spent.seconds,
            "outcomes": dict(
                sorted(Counter(f"{one.completion.language} {one.completion.outcome}" for one in candidates).items())
            ),
            "gib": round(peak_gib(), 2),
        }
        if name == "plain":
            candidates = judge_answers(candidates, engine, plan)
            if "informative" in self.args.arms:
                candidates = answer_blind(candidates, engine, plan)
        del engine, backend
        emptied()
        pairs = [one.pair for one in candidates if one.pair]
        told = {one.pair.id: one.completion for one in candidates if one.pair and name == "plain"}
        return Drawn(
            pairs,
            {key: one.answer_logprob for key, one in told.items()},
            {key: one.blind_answer for key, one in told.items() if one.blind_answer},
        )

    def _read(self, path: Path) -> Drawn:
        """The pairs of an earlier run, with their passages."""
        texts = {one.id: one.text for one in self.material.sources.passages}
        rows = pq.read_table(path).to_pylist()
        own = ("id", "language", "passage_id", "question", "answer", "answer_start")
        pairs = [SyntheticPair(passage=texts[one["passage_id"]], **{name: one[name] for name in own}) for one in rows]
        return Drawn(pairs, {one["id"]: one["logprob"] for one in rows}, {})

    def _tuned(self) -> ModelSource:
        """The generator, fine-tuned on gold turned round."""
        settings = Tuning(self.args.tuning_epochs, self.args.tuning_rate, 16, 0.1, None)
        rows = tuning_rows(self.material.gold, self.task.prompter, self.params.seed)
        self._mark("tuning begins")
        folder = self.scratch / "generator"
        self.facts["tuning"] = tune_generator(rows, self.params.generator, settings, self.params.seed, folder)
        emptied()
        self._mark("tuned")
        return ModelSource(str(folder))

    def _folder(self, name: str, seed: int) -> Path:
        return self.scratch / f"{name}-{seed}"

    def _collect(self, name: str, seed: int, trained: Trained) -> None:
        """Take in a finished training and write everything known."""
        self.longest = max(self.longest, trained.seconds)
        self.rows += [
            Scored(
                id=one.id,
                language=one.language,
                split=one.split,
                group=self.group_of[one.split, one.language, one.id],
                arm=name,
                seed=seed,
                answer=one.answer,
                confidence=one.confidence,
                f1=one.f1,
                exact_match=one.exact_match,
            )
            for one in trained.predictions
        ]
        write_records(self.args.out / "predictions.parquet", Scored, self.rows)
        said = {
            split: round(100 * statistics.mean(p.f1 for p in trained.predictions if p.split == split), 2)
            for split in self.material.splits
        }
        facts = {key: round(getattr(trained, key), 2) for key in ("seconds", "training_seconds", "gib")}
        self.facts["trainings"].append({"arm": name, "seed": seed, **facts, "f1": said, "curve": trained.curve})
        print(f"{name} {seed}: {facts}, F1 {said}", flush=True)
        self._mark("last student")

    def _failed(self) -> None:
        traceback.print_exc()
        self.facts["failures"].append(traceback.format_exc(limit=-3))

    def _mark(self, what: str) -> None:
        """Note how many seconds after the beginning this is."""
        self.facts["seconds"][what] = round(time.perf_counter() - self.began, 2)
        print(f"{self.facts['seconds'][what]:6.1f} s: {what}", flush=True)
        write_json(self.args.out / "run.json", self.facts)


def emptied() -> None:
    """Leave the accelerator's memory to other processes."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def peak_gib() -> float:
    """The most memory of the accelerator that this process has reserved, in GiB; 0 on a CPU."""
    return torch.cuda.max_memory_reserved() / 2**30 if torch.cuda.is_available() else 0.0


def environment(params: Params) -> dict[str, str]:
    """The machine and the libraries that results depend on."""
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else str(device())
    dtype = str(compute_dtype(params.student.dtype))
    return {"device": name, "torch": torch.__version__, "transformers": transformers.__version__, "student": dtype}


def described(args: argparse.Namespace) -> dict[str, Any]:
    """The options as JSON has them, without paths."""
    return {key: value for key, value in vars(args).items() if not isinstance(value, Path)}


if __name__ == "__main__":
    main()
