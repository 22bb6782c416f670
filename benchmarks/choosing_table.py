"""The tables of `choosing.py`: the gain of every round and of averaged weights, and what rules of stopping and choice would give.

    python benchmarks/choosing_table.py choosing/predictions.parquet choosing/rounds.json

A gain is over the run's own baseline, of both languages together (each counts equally), with a 95% interval for new passages and
new students. The stop rule (k, e, v) and the choice are replayed on dev for every seed; what they choose is scored on test.
"""

import argparse
import json
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
from selection_table import header, row, sheet, written

from gemquad.params import Stopping
from gemquad.rounds.stopping import OPENING, best_round, decide
from gemquad.schema.results import Decision, RoundResult
from gemquad.scoring.metrics import EXTRACTION


def main() -> None:
    """Print the Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("predictions", type=Path)
    parser.add_argument("rounds", type=Path)
    args = parser.parse_args()
    rows, turns = pd.read_parquet(args.predictions), json.loads(args.rounds.read_text())
    print(gains(rows))
    print()
    print(rules(rows, turns))


def gains(rows: pd.DataFrame) -> str:
    """Every student against its baseline."""
    languages = list(dict.fromkeys(rows["language"]))
    lines = [
        header(
            [
                "student",
                "split",
                "seeds",
                *(f"{metric.label} gain" for metric in EXTRACTION.values()),
                "by language, F1",
            ]
        )
    ]
    for arm, split in product(dict.fromkeys(rows["arm"]), ("dev", "test")):
        pooled = sheet(rows, arm, "baseline", split, languages)
        if arm == "baseline" or pooled is None:
            continue
        f1 = EXTRACTION["f1"]
        own = [sheet(rows, arm, "baseline", split, [language]) for language in languages]
        by_language = ", ".join(
            f"{code} {written(one.interval(f1))}" for code, one in zip(languages, own, strict=True) if one
        )
        values = [written(pooled.interval(metric)) for metric in EXTRACTION.values()]
        lines.append(row([arm, split, str(len(pooled.first)), *values, by_language]))
    return "\n".join(lines)


def rules(rows: pd.DataFrame, turns: list[dict[str, Any]]) -> str:
    """For k, e and v: rounds trained and gain on test of the student that is chosen, means over seeds."""
    means = 100 * rows.groupby(["arm", "seed", "split", "language"])["f1"].mean().groupby(level=[0, 1, 2]).mean()
    lines = [header(["filter", "k", "e", "v", "rounds", "chosen", "test F1 over the baseline"])]
    for mode, k, e, v in product(
        dict.fromkeys(turn["mode"] for turn in turns), (1, 2, 3), (0.0, 0.5, 1.0), (0.0, 0.01, 0.05)
    ):
        rule = Stopping(max_rounds=9, patience=k, min_improvement=e, min_new_fraction=v, metric="f1")
        chosen, trained, gain = [], [], []
        for seed in sorted({turn["seed"] for turn in turns}):
            history = replayed(means, [turn for turn in turns if (turn["mode"], turn["seed"]) == (mode, seed)], rule)
            best = best_round(history).round
            chosen.append(best)
            trained.append(len(history) - 1)
            arm = f"{mode}-{best}" if best else "baseline"
            gain.append(means[arm, seed, "test"] - means["baseline", seed, "test"])
        cells = [f"{sum(one) / len(one):.1f}" for one in (trained, chosen)]
        lines.append(row([mode, str(k), f"{e:g}", f"{v:g}", *cells, f"{sum(gain) / len(gain):+.1f}".replace("-", "−")]))
    return "\n".join(lines)


def replayed(means: "pd.Series[float]", turns: list[dict[str, Any]], rule: Stopping) -> list[RoundResult]:
    """The rounds that the rule would have trained."""
    decision: Decision = decide(OPENING, RoundResult(0, means["baseline", turns[0]["seed"], "dev"]), rule)
    for turn in turns:
        score = means[f"{turn['mode']}-{turn['round']}", turn["seed"], "dev"]
        decision = decide(decision, RoundResult(turn["round"], score, turn["pool"], turn["silver"], turn["new"]), rule)
    return list(decision.history)


if __name__ == "__main__":
    main()
