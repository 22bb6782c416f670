"""Which round to take, how many, and what the filter is worth on the bundled sample: the default run with several seeds at a time.

    python benchmarks/choosing.py --out choosing
    python benchmarks/choosing_table.py choosing/predictions.parquet choosing/rounds.json

Every seed is a run of its own: a baseline, then rounds of filter and fine-tuning on one pool of pairs, made by `dvc repro generate`
or given with `--pool`. `paper` is the paper's filter behind the cut by likelihood (`filter.keep_fraction`); `repaired` has three
labelers, the run's student and those of the next two seeds, and takes their answer. Behind the last round the weights of the rounds
are averaged. The answers of all students to dev and test are in `predictions.parquet`, the counts of silver in `rounds.json`; no
rule of choice is applied here, so that every rule can be held against the same students.
"""

import argparse
import math
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from selection import ROOT, Scored, emptied, executor, judged, train
from selection_arms import Pool, Rules, Said, repaired, silver, verdict

from gemquad.files import write_json
from gemquad.params import Params, load_params
from gemquad.parquet import write_records
from gemquad.rounds.candidates import likeliest
from gemquad.schema import Passage, Question, SyntheticPair
from gemquad.sources.squad import read_passages, read_questions
from gemquad.student.averaging import average
from gemquad.student.evaluation import predict
from gemquad.student.training import Phase
from gemquad.tasks.loading import load_task

SAMPLE = ROOT / "data/sample"
LABELERS = {"paper": 1, "repaired": 3}


@dataclass(frozen=True)
class Turn:
    """The counts of a round's silver in a run."""

    mode: str
    seed: int
    round: int
    pool: int
    silver: int
    new: int


def main() -> None:
    """Run all modes one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--pool", type=Path, required=True, help="pairs with `logprob`, as pairs.plain.parquet has them"
    )
    parser.add_argument("--modes", nargs="+", default=list(LABELERS), choices=list(LABELERS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seeds", type=int, nargs="+", default=[13, 14, 15, 16, 17])
    parser.add_argument("--sure", type=float, default=0.3, help="mean probability at which a repaired answer is taken")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--budget-seconds", type=float, default=150)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, executor(args.workers) as workers:
        Runs(args, load_params(ROOT / "params.yaml"), workers, Path(scratch)).run()


def averaged(folders: Sequence[Path], splits: dict[str, list[Question]], params: Params, target: Path) -> list[Any]:
    """The answers of the student whose weights are the mean of those in `folders`."""
    average(folders, target)
    task = load_task(params)
    answers = predict(target, splits, params.student, task, task.head())
    emptied()
    return answers


class Runs:
    """All runs of all modes; what is finished is in the files at any time."""

    def __init__(self, args: argparse.Namespace, params: Params, workers: Executor, scratch: Path) -> None:
        self.args, self.params, self.workers, self.scratch = args, params, workers, scratch
        self.task, self.began = load_task(params), time.perf_counter()
        self.head = self.task.head()
        self.gold = [self.head.input(one) for one in read_questions(SAMPLE / "gold.en.json", "en")]
        self.splits = {
            split: [one for code in params.lang for one in read_questions(SAMPLE / f"{split}.{code}.json", code)]
            for split in ("dev", "test")
        }
        self.groups = {
            (split, one.language, one.id): Passage.id_of(one.passage)
            for split, own in self.splits.items()
            for one in own
        }
        texts = {
            one.id: one.text for code in params.lang for one in read_passages(SAMPLE / f"passages.{code}.json", code)
        }
        rows, own = (
            pq.read_table(args.pool).to_pylist(),
            ("id", "language", "passage_id", "question", "answer", "answer_start"),
        )
        self.pairs = [
            SyntheticPair(passage=texts[one["passage_id"]], **{name: one[name] for name in own}) for one in rows
        ]
        self.logprobs = {one["id"]: one["logprob"] for one in rows}
        self.rows: list[Scored] = []
        self.turns: list[Turn] = []
        self.seen: dict[tuple[str, int], set[str]] = {}

    def run(self) -> None:
        """Baselines, then every mode round by round."""
        gold = [Phase("gold", self.gold, self.params.student.epochs)]
        for seed, future in [(seed, self._train(gold, seed, "baseline")) for seed in self.args.seeds]:
            self._take("baseline", seed, future.result().predictions)
        for mode in self.args.modes:
            for number in range(1, self.args.rounds + 1):
                if time.perf_counter() - self.began > self.args.budget_seconds:
                    return
                self._round(mode, number)
            self._averages(mode)

    def _round(self, mode: str, number: int) -> None:
        """Labelling by the students of the round before, silver of every seed, fine-tuning."""
        pairs = self._cut() if mode == "paper" else self.pairs
        labelling = {
            seed: self.workers.submit(judged, self._student(mode, number - 1, seed), pairs, self.params)
            for seed in self.args.seeds
        }
        said = {seed: future.result() for seed, future in labelling.items()}
        training = {}
        for at, seed in enumerate(self.args.seeds):
            beside = [self.args.seeds[(at + step) % len(self.args.seeds)] for step in range(LABELERS[mode])]
            kept = self._silver(mode, pairs, [said[one] for one in beside], seed)
            known = self.seen.setdefault((mode, seed), set())
            new = {pair.id for pair in kept} - known
            self.turns.append(Turn(mode, seed, number, len(pairs), len(kept), len(new)))
            known |= new
            stages = [
                Phase("silver", [self.head.input(pair) for pair in kept], self.params.student.silver_epochs),
                Phase("gold", self.gold, self.params.student.epochs),
            ]
            training[seed] = self._train(stages, seed, f"{mode}-{number}")
        for seed, future in training.items():
            self._take(f"{mode}-{number}", seed, future.result().predictions)

    def _silver(
        self, mode: str, pairs: Sequence[SyntheticPair], labelers: Sequence[Sequence[Said]], seed: int
    ) -> list[SyntheticPair]:
        verdicts = [
            verdict(pair, own, self.params.filter, self.task)
            for pair, own in zip(pairs, zip(*labelers, strict=True), strict=True)
        ]
        rules = Rules(len(pairs), self.params.filter, self.task, seed)
        if mode == "paper":
            return silver(Pool(pairs, verdicts), rules)
        sure = [at for at, one in enumerate(verdicts) if one.answer.confidence >= self.args.sure]
        return repaired(Pool([pairs[at] for at in sure], [verdicts[at] for at in sure]), len(pairs), rules)

    def _averages(self, mode: str) -> None:
        """The means of the weights of the first rounds, and of all that a run has."""
        futures = {}
        for seed in self.args.seeds:
            students = [self._student(mode, number, seed) for number in range(self.args.rounds + 1)]
            for name, folders in (
                ("mean-1-2", students[1:3]), ("mean-1-3", students[1:4]), ("mean-0-2", students[:3]),
            ):  # fmt: skip
                target = self.scratch / f"{mode}-{name}-{seed}"
                futures[name, seed] = self.workers.submit(averaged, folders, self.splits, self.params, target)
        for (name, seed), future in futures.items():
            self._take(f"{mode}-{name}", seed, future.result())

    def _cut(self) -> list[SyntheticPair]:
        """The candidates of the default run: of each language the likeliest pairs."""
        kept: set[str] = set()
        for code in self.params.lang:
            own = [pair for pair in self.pairs if pair.language == code]
            size = math.ceil(self.params.filter.keep_fraction * len(own))
            kept.update(pair.id for pair in likeliest(own, size, self.logprobs))
        return [pair for pair in self.pairs if pair.id in kept]

    def _student(self, mode: str, number: int, seed: int) -> Path:
        return self.scratch / (f"{mode}-{number}-{seed}" if number else f"baseline-{seed}")

    def _train(self, stages: list[Phase], seed: int, name: str) -> Any:
        return self.workers.submit(train, self.params, stages, self.splits, seed, self.scratch / f"{name}-{seed}")

    def _take(self, name: str, seed: int, predictions: Sequence[Any]) -> None:
        self.rows += [
            Scored(
                one.id, one.language, one.split, self.groups[one.split, one.language, one.id], name, seed,
                one.answer, one.confidence, one.f1, one.exact_match,
            )
            for one in predictions
        ]  # fmt: skip
        write_records(self.args.out / "predictions.parquet", Scored, self.rows)
        write_json(self.args.out / "rounds.json", [vars(turn) for turn in self.turns])
        means = {
            split: round(100 * sum(one.f1 for one in predictions if one.split == split) / len(own), 1)
            for split, own in self.splits.items()
        }
        print(f"{time.perf_counter() - self.began:6.1f} s: {name} {seed}, F1 {means}", flush=True)


if __name__ == "__main__":
    main()
