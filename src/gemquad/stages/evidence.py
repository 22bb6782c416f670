"""Put an interval on every score and every difference, of the rounds and of the systems beside them."""

from collections import Counter
from pathlib import Path

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.files import read_json, read_result, write_result
from gemquad.params import load_params
from gemquad.parquet import read_records
from gemquad.rounds.comparisons import COMPARISONS, PROMPTED, Budget
from gemquad.rounds.stopping import system_name
from gemquad.schema.results import DECISION, EVIDENCE, GAINS
from gemquad.scoring.evidence import SystemAnswers, answers, evidence, gains, sheets
from gemquad.tasks.kinds import load_task
from gemquad.tasks.kinds.base import AnyTask


def main() -> None:
    args = parse_paths(__doc__, "decision", "rounds", "comparisons", "dev", "test", "evidence", "gains")
    params = load_params()
    task = load_task(params.task)
    trained = [result.round for result in read_result(args.decision, DECISION).history]
    rounds = [_system(system_name(r), args.rounds / str(r), params.seed, task) for r in trained]
    said = {name: recipe.description for name, recipe in COMPARISONS.items()} | PROMPTED
    beside = [
        _system(item.system, args.comparisons / key, item.seed, task, said[item.system])
        for key, item in [*params.comparisons.items(), *params.prompted.items()]
    ]
    chosen = Budget(**read_json(args.comparisons / "budget.json")).round
    splits = {split: read_records(getattr(args, split), task.records.example) for split in ("dev", "test")}
    answered = [system for system in beside if any(system.runs.values())]
    found = evidence(rounds, answered, system_name(chosen), sheets(splits, task), task)
    write_result(args.evidence, EVIDENCE, found)
    write_result(args.gains, GAINS, gains(found.deltas))


def _system(name: str, folder: Path, seed: int, task: AnyTask, description: str = "") -> SystemAnswers:
    updates = Counter(entry["phase"] for entry in read_json(folder / "curve.json"))
    predictions = read_records(folder / "predictions.parquet", task.records.prediction)
    return SystemAnswers(name, description, dict(updates), {seed: answers(predictions)})


if __name__ == "__main__":
    exit_on_user_error(main)
