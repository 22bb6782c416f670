"""Rows for people, as MLflow's tables: what a round kept as silver, and what its student got wrong on dev."""

import random
from collections.abc import Sequence
from typing import Any

from gemquad.params import Params
from gemquad.parquet import read_records
from gemquad.schema import Example, Judgement
from gemquad.tasks.loading import load_task
from gemquad.views.loading import load_view
from gemquad.views.task_view import AnyTaskView
from gemquad.workspace import Workspace

_ROWS = 100

Table = list[dict[str, Any]]


def tables(number: int, files: Workspace, params: Params) -> dict[str, Table]:
    """A sample of the silver of round `number`, drawn with the run's seed, and its surest mistakes on dev, by name."""
    task = load_task(params)
    view = load_view(task)
    own = files.round(number)
    examples = read_records(files.dev, task.records.example)
    predictions = read_records(own.predictions, task.records.prediction)
    found = {"mistakes_on_dev": _mistakes(examples, predictions, view, params)}
    if number:
        judgements = read_records(own.judgements, Judgement)
        pairs = read_records(files.synthetic, task.records.synthetic)
        found["silver_sample"] = _silver(pairs, judgements, view, params.seed)
    return found


def _mistakes(examples: Sequence[Example], predictions: Sequence[Any], view: AnyTaskView, params: Params) -> Table:
    of = {(example.language, example.id): example for example in examples}
    rows = []
    for prediction in sorted(predictions, key=lambda prediction: -prediction.confidence):
        example = of.get((prediction.language, prediction.id)) if prediction.split == "dev" else None
        mark = view.answer(prediction, example, params.filter) if example else None
        if mark and not mark.correct:
            rows.append(
                {
                    "language": prediction.language,
                    "id": prediction.id,
                    view.terms.example: mark.input,
                    "expected": mark.expected,
                    "answered": mark.answer,
                    "confidence": round(prediction.confidence, 4),
                }
            )
    return rows[:_ROWS]


def _silver(pairs: Sequence[Example], judgements: Sequence[Judgement], view: AnyTaskView, seed: int) -> Table:
    kept = [(pair, judged) for pair, judged in zip(pairs, judgements, strict=True) if judged.kept]
    drawn = sorted(random.Random(seed).sample(range(len(kept)), min(_ROWS, len(kept))))
    return [_silver_row(*kept[at], view) for at in drawn]


def _silver_row(pair: Example, judged: Judgement, view: AnyTaskView) -> dict[str, Any]:
    shown = view.pair(pair)
    return {
        "language": pair.language,
        "id": pair.id,
        **dict(shown.lines),
        "generator": shown.answer,
        "labeler": judged.labeler_answer,
        "labeler_confidence": round(judged.labeler_confidence, 4),
        "agreement": round(judged.agreement, 4),
        **({"passage": shown.passage} if shown.passage else {}),
    }
