"""The table of a selection experiment: differences between arms with 95% intervals, and whether the power was as predicted.

    python benchmarks/selection_table.py selection/predictions.parquet [more.parquet …]

A pooled difference is of all test questions of all languages. Its interval resamples passages within each language, and speaks of
new students where there are several seeds (`gemquad.scoring.bootstrap`). The passages of XQuAD are the same in every language, so
a column resamples them for all languages at once: the more careful reading. Predicted is the half-width that dev leads one to
expect of test, before test is looked at (`gemquad.scoring.power`).
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gemquad.schema.results import Interval
from gemquad.scoring.bootstrap import delta_interval
from gemquad.scoring.components import components, groups_that_count, strata_of
from gemquad.scoring.metrics import EXTRACTION, Metric
from gemquad.scoring.power import Power

PAIRS = (
    ("repaired", "random"),
    ("tuned_repaired", "tuned_random"),
    ("tuned_repaired", "english"),
    ("tuned_repaired", "repaired"),
    ("silver", "random_as_silver"),
    ("tuned_silver", "tuned_random"),
    *((name, "random") for name in ("surest", "unsure", "valuable", "likeliest", "weighted")),
    ("tuned_wide", "tuned_repaired"),
    ("tuned_random", "random"),
    *(
        (name, "english")
        for name in ("repaired", "surest", "silver", "random", "tuned_random", "tuned_silver", "tuned_wide")
    ),
    ("english", "baseline"),
    ("tuned_repaired", "baseline"),
)
"""Differences that answer a question; each where both arms have seeds in common."""


@dataclass(frozen=True)
class Sheet:
    """Two arms' answers to the same questions: tables [seeds, questions, 2] of F1 and exact match, 0 to 1, and each question's
    passage, numbered within its language and across languages, [questions]."""

    first: NDArray[np.float64]
    second: NDArray[np.float64]
    within: NDArray[np.int64]
    across: NDArray[np.int64]

    def interval(self, metric: Metric, across: bool = False) -> Interval:
        """The difference in points, for new passages and, with several seeds, new students."""
        return delta_interval(metric, self.first, self.second, self.across if across else self.within)


def main() -> None:
    """Print the Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("predictions", type=Path, nargs="+")
    rows = pd.concat([pd.read_parquet(path) for path in parser.parse_args().predictions], ignore_index=True)
    print("\n\n".join([scores(rows), *(differences(rows, metric) for metric in EXTRACTION.values())]))


def scores(rows: pd.DataFrame) -> str:
    """F1 and exact match of every arm on test, the means over its seeds."""
    test = rows[rows["split"] == "test"]
    languages = list(dict.fromkeys(test["language"]))
    lines = [header(["arm", "seeds", "all", *languages])]
    for arm, own in test.groupby("arm", sort=False):
        means = [own, *(own[own["language"] == language] for language in languages)]
        cells = [f"{100 * one['f1'].mean():.1f} / {100 * one['exact_match'].mean():.1f}" for one in means]
        lines.append(row([str(arm), str(own["seed"].nunique()), *cells]))
    return "Test, F1 / exact match, means over seeds:\n\n" + "\n".join(lines)


def differences(rows: pd.DataFrame, metric: Metric) -> str:
    """Every difference in one metric: pooled, its half-width as predicted and as found, and by language."""
    languages = list(dict.fromkeys(rows["language"]))
    columns = [
        "test",
        "seeds",
        "pooled",
        "half-width, predicted",
        "found",
        "passages drawn for all languages",
        *languages,
    ]
    lines = [header(columns)]
    for first, second in PAIRS:
        pooled = sheet(rows, first, second, "test", languages)
        if pooled is None:
            continue
        found = pooled.interval(metric)
        by_language = [sheet(rows, first, second, "test", [language]) for language in languages]
        lines.append(
            row(
                [
                    f"{first} – {second}",
                    str(len(pooled.first)),
                    written(found),
                    predicted(sheet(rows, first, second, "dev", languages), pooled, metric),
                    f"±{half(found):.2f}",
                    written(pooled.interval(metric, across=True)),
                    *(written(own.interval(metric)) if own else "" for own in by_language),
                ]
            )
        )
    return f"Differences in {metric.label}, points with 95% intervals (bold: 0 is outside):\n\n" + "\n".join(lines)


def predicted(dev: Sheet | None, test: Sheet, metric: Metric) -> str:
    """The half-width to expect on as many passages as test has, from the differences on dev."""
    if dev is None:
        return ""
    groups = groups_that_count(strata_of(metric, [test.first, test.second], test.within, None))
    found = components(strata_of(metric, [dev.first, dev.second], dev.within, None))
    return f"±{Power.of(found, groups, len(test.first)).half_width:.2f}"


def sheet(rows: pd.DataFrame, first: str, second: str, split: str, languages: Sequence[str]) -> Sheet | None:
    """What both arms answered with the seeds that both have; None where there are none."""
    chosen = rows[(rows["split"] == split) & rows["language"].isin(languages)]
    seeds = sorted(set(chosen[chosen["arm"] == first]["seed"]) & set(chosen[chosen["arm"] == second]["seed"]))
    if not seeds:
        return None
    one = chosen[(chosen["arm"] == first) & (chosen["seed"] == seeds[0])]
    order = pd.MultiIndex.from_frame(one[["language", "id"]])
    tables = [
        np.stack([_scores(chosen[(chosen["arm"] == arm) & (chosen["seed"] == seed)], order) for seed in seeds])
        for arm in (first, second)
    ]
    within = one.groupby(["language", "group"], sort=False).ngroup().to_numpy()
    numbers = one.groupby("language", sort=False)["group"].transform(lambda own: pd.factorize(own)[0])
    return Sheet(tables[0], tables[1], within, numbers.to_numpy(dtype=np.int64))


def _scores(own: pd.DataFrame, order: pd.MultiIndex) -> NDArray[np.float64]:
    """F1 and exact match, [questions, 2], in the order of questions."""
    indexed = own.set_index(["language", "id"]).loc[order, ["f1", "exact_match"]]
    return np.asarray(indexed, dtype=np.float64)


def half(interval: Interval) -> float:
    """Half the width of an interval."""
    return (interval.high - interval.low) / 2


def written(interval: Interval) -> str:
    """A difference with its interval."""
    text = f"{interval.value:+.1f} ({interval.low:+.1f} to {interval.high:+.1f})".replace("-", "−")
    return text if interval.contains_zero else f"**{text}**"


def header(cells: Sequence[str]) -> str:
    """The first two lines of a table."""
    return f"{row(cells)}\n{row(['---', *('--:' for _ in cells[1:])])}"


def row(cells: Sequence[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
