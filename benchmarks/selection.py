"""Does the filter earn its place? Selections of synthetic pairs against one another, on real data, in one run of minutes on a GPU.

    python benchmarks/real_data.py --squadshifts new_wiki_v1.0.json --xquad xquad --out real --gold 7938 --longest 5000 \\
        --languages en es hi de ar vi zh
    python benchmarks/selection.py --data real --out selection
    python benchmarks/selection_table.py selection/predictions.parquet

The generator writes pairs in all languages while students of English gold are trained, one for each of the first seeds: the
labelers. They answer every parsed pair and a pair of every kind of corruption of dev. Then the arms (`selection_arms.py`) are
trained seed by seed, several at a time in processes of their own, for a step of a small model leaves most of a GPU idle. One
multilingual student learns all languages. After `--budget-seconds` nothing is begun that would not end by then. Every finished
student's answers to dev and test are in `predictions.parquet` at once; `pairs.parquet` holds the pool with what the labelers said,
`audit.parquet` the corrupted pairs, `run.json` counts, times and losses.
"""

import argparse
import gc
import math
import os
import statistics
import tempfile
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import torch
import transformers
from selection_arms import LOOKED_AT, SELECTIONS, Pool, agreeing, arms, phases, repair

from gemquad.compute import compute_dtype, device
from gemquad.files import write_json
from gemquad.generation.backends.registry import load_backend
from gemquad.generation.engine import Engine
from gemquad.generation.pairs import (
    Candidate,
    PairPlan,
    complete,
    judge_answers,
    reject_near_duplicates,
    reject_repeats,
)
from gemquad.generation.store import CompletionStore
from gemquad.params import ModelSource, Params, load_params
from gemquad.parquet import write_records
from gemquad.rounds.comparisons import budget_of
from gemquad.schema import Passage, Question, SyntheticPair
from gemquad.sources.squad import read_passages, read_questions
from gemquad.student.evaluation import label_candidates, predict
from gemquad.student.training import Phase, fine_tune
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import AuditPair
from gemquad.tasks.loading import load_task
from gemquad.tasks.prompter import PromptSources

ROOT = Path(__file__).parents[1]
LANGUAGES = ("es", "hi", "de", "ar", "vi", "zh")
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
    """A pair with what each labeler said of it; `corruption` is that of an audited pair, "" where the pair is dev's own."""

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
    parser.add_argument("--seeds", type=int, nargs="+", default=[13, 14, 15, 16, 17])
    parser.add_argument("--labelers", type=int, default=3, help="students of gold that judge: those of the first seeds")
    parser.add_argument("--arms", nargs="+", default=list(SELECTIONS), choices=list(SELECTIONS))
    parser.add_argument("--few-seeds", type=int, default=3, help="of the arms that are only looked at: likeliest, all")
    parser.add_argument("--workers", type=int, default=3, help="trainings at a time; 0 trains in this process")
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


def train(params: Params, stages: list[Phase], splits: dict[str, list[Question]], seed: int, folder: Path) -> Trained:
    """Train a student through `stages` into `folder`, and have it answer every split."""
    began, task = time.perf_counter(), load_task(params)
    with checkpoints_beside(folder):
        curve = fine_tune(stages, task.head(), params.student, seed, folder)
    trained = time.perf_counter() - began
    predictions = predict(folder, splits, params.student, task, task.head())
    gib = peak_gib()
    emptied()
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


class Experiment:
    """One run: what it found so far is in its files at any time."""

    def __init__(
        self, args: argparse.Namespace, params: Params, material: Material, workers: Executor, scratch: Path
    ) -> None:
        self.args, self.params, self.material, self.workers, self.scratch = args, params, material, workers, scratch
        self.task = load_task(params)
        self.head = self.task.head()
        self.gold = [self.head.input(question) for question in material.gold]
        self.group_of = {
            (split, one.language, one.id): Passage.id_of(one.passage)
            for split, own in material.splits.items()
            for one in own
        }
        self.began = time.perf_counter()
        self.rows: list[Scored] = []
        self.facts: dict[str, Any] = {"environment": environment(params), "settings": described(args)}
        self.facts.update(seconds={}, trainings=[], failures=[])

    def run(self) -> None:
        """From prompts to the last student."""
        labelers = self.args.seeds[: self.args.labelers]
        baselines = {seed: self._begin_baseline(seed) for seed in labelers}
        candidates, engine, plan = self._generate()
        pairs = [candidate.pair for candidate in candidates if candidate.pair]
        audited = self.task.audit_pairs(self.material.splits["dev"], self.params.seed)
        curves = [self._baseline(seed, begun).curve for seed, begun in baselines.items()]
        asked = [*pairs, *(one.pair for one in audited)]
        labelled = [
            self.workers.submit(label_candidates, self._folder("baseline", seed), asked, self.params.student, self.head)
            for seed in labelers
        ]
        logprobs = self._likelihoods(candidates, engine, plan)
        answers = [[best for best, *_ in one.result()] for one in labelled]
        self._mark("labelled and judged")
        self.facts["generator_gib"] = round(peak_gib(), 2)
        del engine
        emptied()
        pool = self._pool(pairs, [own[: len(pairs)] for own in answers], logprobs)
        self._write_labelled(pairs, audited, answers, logprobs)
        self._train_arms(pool, budget_of(0, curves[0]).gold)
        self._mark("end")
        print(f"{len(self.facts['trainings'])} students in {self.facts['seconds']['end']:.0f} s", flush=True)

    def _begin_baseline(self, seed: int) -> "Future[Trained]":
        return self._submit([Phase("gold", self.gold, self.params.student.epochs)], seed, "baseline")

    def _baseline(self, seed: int, begun: "Future[Trained]") -> Trained:
        """A labeler, begun anew if it failed: memory is short while the generator is at work."""
        try:
            return self._collect("baseline", seed, begun)
        except Exception:
            self._failed(f"baseline {seed}")
        emptied()
        return self._collect("baseline", seed, self._begin_baseline(seed))

    def _generate(self) -> tuple[list[Candidate[SyntheticPair]], Engine, PairPlan[SyntheticPair]]:
        """Every prompt completed, with a pair where it could be parsed and repeats no earlier one."""
        params = self.params
        prompts = self.task.prompter.prompts(self.material.sources, params.sampling, params.seed)
        plan: PairPlan[SyntheticPair] = PairPlan(self.task.prompter, params.generation)
        engine = Engine(
            load_backend(params.backend, params.generator, params.generation),
            CompletionStore(self.scratch / "completions.db"),
        )
        self._mark("prompts")
        candidates = complete(prompts, engine, plan)
        self._mark("generated")
        candidates = reject_near_duplicates(reject_repeats(candidates, plan), plan)
        self._mark("parsed")
        outcomes = Counter(f"{one.completion.language} {one.completion.outcome}" for one in candidates)
        self.facts["generation"] = {
            "prompts": len(prompts),
            "prompt_tokens": engine.spent.prompt_tokens,
            "completion_tokens": engine.spent.completion_tokens,
            "seconds": engine.spent.seconds,
            "outcomes": dict(sorted(outcomes.items())),
        }
        return candidates, engine, plan

    def _likelihoods(
        self, candidates: Sequence[Candidate[SyntheticPair]], engine: Engine, plan: PairPlan[SyntheticPair]
    ) -> dict[str, float]:
        """The generator's log-likelihood of each answer; none, and no arm that needs them, where it cannot be computed."""
        try:
            judged = judge_answers(candidates, engine, plan)
        except Exception:  # the other arms do without
            self._failed("likelihoods")
            return {}
        return {one.pair.id: one.completion.answer_logprob for one in judged if one.pair}

    def _pool(
        self, pairs: list[SyntheticPair], answers: Sequence[Sequence[Answer]], logprobs: Mapping[str, float]
    ) -> Pool:
        rule = self.params.filter
        silver = agreeing(pairs, answers[0], rule, self.task)
        pool = Pool(pairs, silver, repair(pairs, answers, rule, self.task), logprobs)
        self.facts["pool"] = {
            name: dict(Counter(pair.language for pair in own))
            for name, own in (("pairs", pool.pairs), ("silver", pool.silver), ("repaired", pool.repaired))
        }
        print("pool", self.facts["pool"], flush=True)
        return pool

    def _train_arms(self, pool: Pool, gold_updates: int) -> None:
        """Seed after seed, as many at a time as there are workers, while the longest training so far would end in time."""
        waiting = deque((seed, arm) for seed in self.args.seeds for arm in arms(pool, self._arms_of(seed), seed))
        under_way: dict[Future[Trained], tuple[str, int]] = {}
        longest = max((one["seconds"] for one in self.facts["trainings"]), default=0.0)
        while waiting or under_way:
            while waiting and len(under_way) < max(self.args.workers, 1) and self._time_for(longest):
                seed, arm = waiting.popleft()
                stages = phases(arm, self.gold, gold_updates, self.head, self.params.student)
                under_way[self._submit(stages, seed, arm.name)] = (arm.name, seed)
            if not under_way:
                break
            for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                name, seed = under_way.pop(done)
                try:
                    longest = max(longest, self._collect(name, seed, done).seconds)
                except Exception:  # the others go on
                    self._failed(f"{name} {seed}")
        self.facts["not_begun"] = [f"{arm.name} {seed}" for seed, arm in waiting]

    def _arms_of(self, seed: int) -> list[str]:
        few = () if seed in self.args.seeds[: self.args.few_seeds] else LOOKED_AT
        return [name for name in self.args.arms if name not in few]

    def _time_for(self, seconds: float) -> bool:
        return time.perf_counter() - self.began + seconds < self.args.budget_seconds

    def _submit(self, stages: list[Phase], seed: int, name: str) -> "Future[Trained]":
        folder = self._folder(name, seed)
        return self.workers.submit(train, self.params, stages, self.material.splits, seed, folder)

    def _folder(self, name: str, seed: int) -> Path:
        return self.scratch / f"{name}-{seed}"

    def _collect(self, name: str, seed: int, future: "Future[Trained]") -> Trained:
        """Take in a finished training and write everything known."""
        trained = future.result()
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
        return trained

    def _write_labelled(
        self,
        pairs: Sequence[SyntheticPair],
        audited: Sequence[AuditPair[SyntheticPair]],
        answers: Sequence[Sequence[Answer]],
        logprobs: Mapping[str, float],
    ) -> None:
        """The pool and the audited pairs of dev, with what every labeler said."""
        asked = [(pair, "") for pair in pairs] + [(one.pair, one.corruption) for one in audited]
        rows = [
            Labelled(
                **{key: value for key, value in asdict(pair).items() if key != "passage"},
                logprob=logprobs.get(pair.id, -math.inf),
                corruption=corruption,
                labeler_answers=[one.text for one in said],
                labeler_starts=[one.start for one in said],
                labeler_confidences=[one.confidence for one in said],
            )
            for (pair, corruption), said in zip(asked, zip(*answers, strict=True), strict=True)
        ]
        write_records(self.args.out / "pairs.parquet", Labelled, rows[: len(pairs)])
        write_records(self.args.out / "audit.parquet", Labelled, rows[len(pairs) :])

    def _failed(self, what: str) -> None:
        traceback.print_exc()
        self.facts["failures"].append(f"{what}: {traceback.format_exc(limit=-3)}")

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
