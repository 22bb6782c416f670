"""Synthetic pairs as Parquet files that `datasets.load_dataset` opens: by language, silver apart from what the filter rejected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gemquad.params import Params
from gemquad.parquet import read_records
from gemquad.rounds.stopping import best_trained_round
from gemquad.schema import Example, Judgement
from gemquad.schema.results import Decision
from gemquad.tasks.loading import load_task
from gemquad.views.loading import load_view
from gemquad.views.task_view import AnyTaskView

SPLITS = {"silver": True, "rejected": False}
"""Splits, and whether the filter kept their pairs."""


@dataclass(frozen=True)
class Part:
    """The pairs of one language and split: their number, and their file relative to the folder."""

    language: str
    split: str
    pairs: int

    @property
    def path(self) -> str:
        return f"{self.language}/{self.split}.parquet"


def shared_round(decision: Decision) -> int:
    """The round whose filter is shared: the best one on dev that was trained, else the first, which kept nothing."""
    return best_trained_round(decision.history) or 1


def write_silver(folder: Path, synthetic: Path, judgements: Path, params: Params) -> list[Part]:
    """Write each language and split that has pairs into `folder`, in their order.

    Raises:
        UserError: a file is missing or of another version.
    """
    task = load_task(params)
    view = load_view(task)
    pairs: list[Example] = read_records(synthetic, task.records.synthetic)
    judged = {judgement.id: judgement for judgement in read_records(judgements, Judgement)}
    parts = []
    for language in dict.fromkeys(pair.language for pair in pairs):
        for split, kept in SPLITS.items():
            own = [pair for pair in pairs if pair.language == language and judged[pair.id].kept == kept]
            if own:
                part = Part(language, split, len(own))
                _write(folder / part.path, [_row(pair, judged[pair.id], view) for pair in own])
                parts.append(part)
    return parts


def _row(pair: Example, judgement: Judgement, view: AnyTaskView) -> dict[str, Any]:
    """A pair as the hub's users know it, and what the weak labeler answered to it."""
    judgement_columns = ("labeler_answer", "labeler_start", "labeler_confidence", "agreement")
    return {
        **view.hub_row(pair),
        "language": pair.language,
        **{name: getattr(judgement, name) for name in judgement_columns},
    }


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows)), path, compression="zstd")
