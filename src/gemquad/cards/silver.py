"""Synthetic pairs as Parquet files that `datasets.load_dataset` opens: by language, silver apart from what the filter rejected."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from gemquad.params import Params
from gemquad.parquet import arrow_schema, iterate_records, read_records
from gemquad.rounds.silver import after_filter
from gemquad.rounds.stopping import best_trained_round
from gemquad.schema import Example, Judgement
from gemquad.schema.results import Decision
from gemquad.tasks.loading import load_task
from gemquad.views.loading import load_view
from gemquad.views.task_view import AnyTaskView
from gemquad.workspace import Workspace

_SAID = [
    arrow_schema(Judgement).field(name)
    for name in ("labeler_answer", "labeler_start", "labeler_confidence", "agreement", "repaired", "weight")
]


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


def write_silver(files: Workspace, number: int, params: Params) -> list[Part]:
    """Write what round `number` was trained on and what its filter rejected, by language, with what the weak labeler said.

    It said nothing of a pair as a person corrected it.
    """
    task, own, parts = load_task(params), files.round(number), []
    judged = {(one.language, one.id): one for one in read_records(own.judgements, Judgement)}
    silver: list[Example] = read_records(own.silver, task.records.silver)
    shared = {(pair.language, pair.id) for pair in silver}
    dropped = {key: one for key, one in judged.items() if not one.kept and key not in shared}
    rejected = [
        after_filter(pair, dropped[pair.language, pair.id], task)
        for pair in iterate_records(files.synthetic, task.records.synthetic)
        if (pair.language, pair.id) in dropped
    ]
    kept = {key: one for key, one in judged.items() if one.kept}
    for language in dict.fromkeys([*(key[0] for key in judged), *(pair.language for pair in silver)]):
        for split, pairs, said in (("silver", silver, kept), ("rejected", rejected, dropped)):
            if chosen := [pair for pair in pairs if pair.language == language]:
                parts.append(Part(language, split, len(chosen)))
                path = files.released_data / parts[-1].path
                path.parent.mkdir(parents=True, exist_ok=True)
                pq.write_table(_table(chosen, said, load_view(task)), path, compression="zstd")
    return parts


def _table(pairs: Sequence[Example], said: Mapping[tuple[str, str], Judgement], view: AnyTaskView) -> pa.Table:
    """The pairs with what is `said` of them; of others nothing, but the weight that they have as silver."""
    table = pa.Table.from_pylist([{**view.hub_row(pair), "language": pair.language} for pair in pairs])
    found = [said.get((pair.language, pair.id), pair) for pair in pairs]
    for field in _SAID:
        column = [getattr(one, field.name, None) for one in found]
        table = table.append_column(field.name, pa.array(column, field.type))
    return table
