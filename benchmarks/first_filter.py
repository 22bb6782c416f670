"""How right and how strict the very first filter is, and what it keeps of the pool: by language and by the labelers' vote.

    python benchmarks/first_filter.py selection/audit.parquet selection/pairs.parquet

Both files are of `selection.py`. A dev question with its own answer is clean; corrupted once, it has another answer or passage, so
half of the audited pairs are clean. Kept are pairs with which the first labeler agrees by the default filter, or so many of all.
Precision is the clean share of what is kept, recall the kept share of what is clean, with 95% intervals over passages.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from gemquad.params import Filter, load_params
from gemquad.schema.records import SyntheticPair
from gemquad.scoring.bootstrap import ratio_interval
from gemquad.tasks.base import AnyDefinition
from gemquad.tasks.loading import load_task

ROOT = Path(__file__).parents[1]
COLUMNS = (
    "language",
    "labelers that agree",
    "audited",
    "precision",
    "recall",
    "wrongly kept, by corruption",
    "pool",
    "kept of it",
)


def main() -> None:
    """Print the table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("audit", type=Path)
    parser.add_argument("pairs", type=Path)
    args, params = parser.parse_args(), load_params(ROOT / "params.yaml")
    print(table(*(votes(pd.read_parquet(p), params.filter, load_task(params)) for p in (args.audit, args.pairs))))


def votes(rows: pd.DataFrame, rule: Filter, task: AnyDefinition) -> pd.DataFrame:
    """The rows with `first`, whether the first labeler agrees, and `agree`, how many of all do."""
    least, agreed = task.agreement_threshold(rule), []
    for row in rows.itertuples():
        pair = SyntheticPair(row.id, row.language, row.passage_id, "", row.question, row.answer, row.answer_start)
        agreed.append([task.agreement(text, pair, rule) >= least for text in row.labeler_answers])
    return rows.assign(first=[own[0] for own in agreed], agree=[sum(own) for own in agreed], labelers=len(agreed[0]))


def table(audit: pd.DataFrame, pool: pd.DataFrame) -> str:
    """A line for each language and each rule, and for all languages together."""
    lines: list[Sequence[str]] = [COLUMNS, ("---", "---", *("--:",) * (len(COLUMNS) - 2))]
    labelers = int(audit["labelers"].iloc[0])
    rules = ["the first", *(f"{least} of {labelers}" for least in range(1, labelers + 1) if labelers > 1)]
    for language in [*dict.fromkeys(audit["language"]), "all"]:
        audited, pairs = (rows if language == "all" else rows[rows["language"] == language] for rows in (audit, pool))
        for least, name in enumerate(rules):
            kept, of_pool = ((rows["agree"] >= least if least else rows["first"]) for rows in (audited, pairs))
            share = f"{of_pool.sum()} ({of_pool.mean():.1%})"
            lines.append((language, name, *figures(audited, kept.to_numpy()), str(len(pairs)), share))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def figures(audited: pd.DataFrame, kept: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> list[str]:
    """How many are audited; precision, recall, and what is kept of each kind of corruption."""
    groups = audited.groupby(["language", "passage_id"]).ngroup().to_numpy()
    clean = (audited["corruption"] == "").to_numpy()
    shares = [(clean & kept, kept), (clean & kept, clean)]
    found = [ratio_interval(part.astype(float), whole.astype(float), groups) for part, whole in shares]
    wrong = audited.assign(kept=kept)[~clean].groupby("corruption")["kept"]
    return [
        str(len(audited)),
        *(f"{100 * one.value:.1f}% ({100 * one.low:.1f} to {100 * one.high:.1f})" for one in found),
        ", ".join(f"{kind.replace('_', ' ')} {own.sum()} of {len(own)}" for kind, own in wrong),
    ]


if __name__ == "__main__":
    main()
