"""Synthetic pairs as Parquet files that `datasets.load_dataset` opens: by language, silver apart from what the filter rejected."""

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from gemquad.params import Params
from gemquad.parquet import read_records
from gemquad.rounds.silver import after_filter
from gemquad.rounds.stopping import best_trained_round
from gemquad.schema import Example, Judgement
from gemquad.schema.results import Decision
from gemquad.tasks.loading import load_task
from gemquad.views.loading import load_view

_SPLITS = {"silver": True, "rejected": False}
"""Splits, and whether the filter kept their pairs."""
_SAID = ("labeler_answer", "labeler_start", "labeler_confidence", "agreement", "repaired", "weight")


class Part(NamedTuple):
    """The pairs of one language and split: their number, and their file relative to the folder."""

    language: str
    split: str
    pairs: int

    @property
    def path(self) -> str:
        return f"{self.language}/{self.split}.parquet"


def shared_round(decision: Decision, selected: int) -> int:
    """The round whose filter is shared: the selected one or, where that is the baseline, the best one on dev that was trained."""
    return selected or best_trained_round(decision.history) or 1


def write_silver(folder: Path, synthetic: Path, judgements: Path, params: Params) -> list[Part]:
    """Write each language and split that has judged pairs into `folder`, in their order, each with what the weak labeler said."""
    task = load_task(params)
    view, parts = load_view(task), []
    judged = {judgement.id: judgement for judgement in read_records(judgements, Judgement)}
    pairs: list[Example] = [one for one in read_records(synthetic, task.records.synthetic) if one.id in judged]
    for language in dict.fromkeys(pair.language for pair in pairs):
        for split, kept in _SPLITS.items():
            own = [pair for pair in pairs if pair.language == language and judged[pair.id].kept == kept]
            if own:
                parts.append(Part(language, split, len(own)))
                path = folder / parts[-1].path
                path.parent.mkdir(parents=True, exist_ok=True)
                said = [{name: getattr(judged[pair.id], name) for name in _SAID} for pair in own]
                trained = [view.hub_row(after_filter(pair, judged[pair.id], task)) for pair in own]
                rows = [{**row, "language": language, **more} for row, more in zip(trained, said, strict=True)]
                pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd")
    return parts
