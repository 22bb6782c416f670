"""Put an interval on every score and every difference, of the rounds and of the systems beside them."""

from collections import Counter
from pathlib import Path

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import Compared, load_params
from gemquad.records import read_json, read_records, write_json
from gemquad.rounds.comparisons import COMPARISONS, PROMPTED, Budget
from gemquad.rounds.stopping import Decision, system_name
from gemquad.scoring.evidence import System, answers, evidence, gains, sheets
from gemquad.tasks.kinds import load_task
from gemquad.tasks.kinds.base import AnyTask


def main() -> None:
    args = parse_paths(__doc__, "decision", "rounds", "comparisons", "dev", "test", "evidence", "gains")
    params = load_params()
    task = load_task(params.task)
    trained = [result.round for result in Decision.from_json(read_json(args.decision)).history]
    rounds = [_system(system_name(r), args.rounds / str(r), params.seed, task) for r in trained]
    said = {name: recipe.description for name, recipe in COMPARISONS.items()} | PROMPTED
    beside = [
        _system(system, args.comparisons / key, seed, task, said[system])
        for key in [*params.comparisons, *params.prompted]
        for system, seed in [Compared.of(key)]
    ]
    chosen = Budget(**read_json(args.comparisons / "budget.json")).round
    splits = {split: read_records(getattr(args, split), task.records.example) for split in ("dev", "test")}
    answered = [system for system in beside if any(system.runs.values())]
    found = evidence(rounds, answered, system_name(chosen), sheets(splits, task), task)
    write_json(args.evidence, found)
    write_json(args.gains, gains(found["deltas"]))


def _system(name: str, folder: Path, seed: int, task: AnyTask, description: str = "") -> System:
    updates = Counter(entry["phase"] for entry in read_json(folder / "curve.json"))
    predictions = read_records(folder / "predictions.parquet", task.records.prediction)
    return System(name, description, dict(updates), {seed: answers(predictions)})


if __name__ == "__main__":
    exit_on_user_error(main)
