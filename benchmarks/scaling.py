"""Seconds and peak memory of the stages that read all synthetic pairs, by the number of pairs.

    python benchmarks/scaling.py [--sizes 10000 100000 1000000] [--stages prepare filter …]

Every stage runs as it is in a process of its own, on made-up data (`scaling_data.py`), and no model is loaded.
Near-duplicates are looked for among the pairs of a passage, and among all texts of each of three labels: in Japanese, the language
of the labelled tasks that come with GeMQuAD, and in Spanish. `intervals` puts intervals on two systems' answers to a tenth as many
test questions as there are pairs.

Seconds are of processor time; the time by the clock, in brackets, is longer where the machine is shared. The last lines are
`ratio scaling-STAGE NUMBER`, the seconds at the largest size over those at the size before it, over the ratio of the sizes, 1 being
linear; and `ratio scaling-STAGE-peak-gb NUMBER`, the peak of resident memory at the largest size.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from scaling_data import ROOT, make

import gemquad.stages.filter
import gemquad.stages.intervals
import gemquad.stages.prepare
import gemquad.stages.report
from gemquad.files import write_json
from gemquad.generation.accounting import texts_by_variant
from gemquad.generation.pairs import Candidate, PairPlan, reject_near_duplicates
from gemquad.params import load_params
from gemquad.parquet import iterate_records, read_records
from gemquad.schema import Completion, LabelledText, PassagePrompt, SyntheticPair
from gemquad.scoring.diversity import diversity_by
from gemquad.settings.compose import compose
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


class Measured(NamedTuple):
    """What a stage took: seconds of processor time and by the clock, and GB of resident memory at its peak."""

    seconds: float
    clock: float
    peak: float

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s ({self.clock:.1f}), {self.peak:.2f} GB"


def main() -> None:
    """Print a table, then the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=[stage for stage in STAGES if stage != SLOW])
    parser.add_argument("--run", nargs=3, metavar=("STAGE", "FOLDER", "SIZE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.run:
        run(args.run[0], Path(args.run[1]), int(args.run[2]))
        return
    measured = {size: measure(size, args.stages) for size in sorted(args.sizes)}
    print(f"{'stage':26}" + "".join(f"{size:>30,}" for size in measured))
    for stage in args.stages:
        print(f"{stage:26}" + "".join(f"{own[stage]!s:>30}" for own in measured.values()))
    for stage in args.stages:
        sizes = [(size, own[stage]) for size, own in measured.items()]
        for (smaller, before), (larger, after) in list(pairwise(sizes))[-1:]:
            print(f"ratio scaling-{stage} {after.seconds / before.seconds / (larger / smaller):.2f}")
        print(f"ratio scaling-{stage}-peak-gb {sizes[-1][1].peak:.2f}")


def measure(size: int, stages: Sequence[str]) -> dict[str, Measured]:
    """The stages at one size, and before them what they need."""
    needed = {name for stage in stages for name in NEEDED.get(stage, ())}
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for stage in ["make", *(stage for stage in STAGES if stage in needed or stage in stages)]:
            command = [sys.executable, __file__, "--run", stage, folder, str(size)]
            said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            found[stage] = Measured(*json.loads(said.splitlines()[-1]))
            print(f"{size:,} {stage}: {found[stage]}", file=sys.stderr)
        return found


def run(stage: str, folder: Path, size: int) -> None:
    """Run one stage in this process, and print what it took since the process began."""
    os.chdir(folder)
    if stage == "make":
        make(Path(), size)
    else:
        STAGES[stage]()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    clock = time.time() - psutil.Process().create_time()
    print(json.dumps([usage.ru_utime + usage.ru_stime, clock, usage.ru_maxrss * 1024 / 1e9]))


def near_duplicates(name: str, record: type[Any], *overrides: str) -> None:
    """What `generate` does with completions that were read."""
    compose(ROOT, list(overrides), Path("near.yaml"))
    params = load_params(Path("near.yaml"))
    plan = PairPlan(load_task(params).prompter, params.generation)
    candidates = [
        Candidate(Completion(pair.id, ["key"], pair.language, "text", "ok", 0.0, 0.0, 300, 30, 0), pair)
        for pair in read_records(Path(f"{name}.parquet"), record)
    ]
    found = reject_near_duplicates(candidates, plan)
    print(f"{sum(one.pair is None for one in found)} of {len(found)} are near-duplicates", file=sys.stderr)


def diversity() -> None:
    """What `generate` measures of the pairs, by the kind of their prompts."""
    files, task = Workspace(), load_task(load_params().task)
    prompts, pairs = iterate_records(files.prompts, PassagePrompt), iterate_records(files.synthetic, SyntheticPair)
    texts = texts_by_variant(pairs, prompts, task)
    write_json(files.diversity, {language: diversity_by(own) for language, own in texts.items()})


STAGES: dict[str, Callable[[], None]] = {
    "near-duplicates-passages": partial(near_duplicates, "data/synthetic", SyntheticPair),
    "near-duplicates-labels": partial(near_duplicates, "labelled", LabelledText, "task=jnli", "data=sample-nli"),
    "near-duplicates-spanish": partial(near_duplicates, "spanish", LabelledText, "task=jnli", "data=sample-nli"),
    "prepare": gemquad.stages.prepare.main,
    "filter": partial(gemquad.stages.filter.main, round=1),
    "diversity": diversity,
    "intervals": gemquad.stages.intervals.main,
    "report": gemquad.stages.report.main,
}
SLOW = "near-duplicates-spanish"  # its time grows with the square: only where it is asked for
NEEDED = {"filter": ("prepare",), "intervals": ("prepare",), "report": ("prepare", "filter", "diversity", "intervals")}

if __name__ == "__main__":
    main()
