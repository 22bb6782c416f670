"""Put an interval on every score and every difference, of the rounds and of the systems beside them."""

from collections import Counter
from pathlib import Path

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_json, read_records, write_json
from gemquad.rounds.comparisons import COMPARISONS, Budget
from gemquad.rounds.stopping import Decision, system_name
from gemquad.schema import Prediction, Question
from gemquad.scoring.evidence import System, answers, evidence, gains, sheets


def main() -> None:
    args = parse_paths(__doc__, "decision", "rounds", "comparisons", "dev", "test", "evidence", "gains")
    params = load_params()
    trained = [result.round for result in Decision.from_json(read_json(args.decision)).history]
    rounds = [_system(system_name(r), args.rounds / str(r), params.seed) for r in trained]
    beside = [
        _system(item.system, args.comparisons / key, item.seed, COMPARISONS[item.system].description)
        for key, item in params.comparisons.items()
    ]
    chosen = Budget(**read_json(args.comparisons / "budget.json")).round
    splits = {"dev": read_records(args.dev, Question), "test": read_records(args.test, Question)}
    trained_beside = [system for system in beside if system.updates]
    found = evidence(rounds, trained_beside, system_name(chosen), sheets(splits))
    write_json(args.evidence, found)
    write_json(args.gains, gains(found["deltas"]))


def _system(name: str, folder: Path, seed: int, description: str = "") -> System:
    updates = Counter(entry["phase"] for entry in read_json(folder / "curve.json"))
    predictions = read_records(folder / "predictions.parquet", Prediction)
    return System(name, description, dict(updates), {seed: answers(predictions)})


if __name__ == "__main__":
    exit_on_user_error(main)
