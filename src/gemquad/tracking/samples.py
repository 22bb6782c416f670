"""For people to read: a round's silver and its student's mistakes on dev as MLflow's tables, prompts and completions as traces."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from gemquad.params import Params
from gemquad.parquet import read_records
from gemquad.tasks.loading import load_task
from gemquad.tracking.store import TrackingStore
from gemquad.views.loading import load_view
from gemquad.workspace import Workspace

_ROWS, _PROMPTS = 100, 60
_ANSWERS_OF = {"answer": "generator", "label": "generator", "labeler_answer": "labeler"}


def tables(number: int, files: Workspace, params: Params) -> dict[str, pd.DataFrame]:
    """A sample of the silver of round `number`, drawn with the run's seed, and its surest mistakes on dev, by name."""
    found = {"mistakes_on_dev": _mistakes(number, files, params)}
    if number:
        own = files.round(number)
        judged = pd.read_parquet(own.judgements)
        judgements = judged[judged["kept"]][
            ["language", "id", "labeler_answer", "labeler_confidence", "agreement", "repaired"]
        ].round(4)
        silver = pd.read_parquet(own.silver).merge(judgements, on=["language", "id"], how="left")
        found["silver_sample"] = _drawn(silver.rename(columns=_ANSWERS_OF), _ROWS, params.seed)
    return found


def prompts(files: Workspace, params: Params) -> pd.DataFrame:
    """A sample of the prompts, each a row with its "prompt", "completion", "outcome" and how it was sampled."""
    written = pd.read_parquet(files.completions)[["id", "text", "outcome"]].rename(columns={"text": "completion"})
    asked = pd.read_parquet(files.prompts).rename(columns={"text": "prompt"})
    return _drawn(asked.merge(written, on="id"), _PROMPTS, params.seed)


def log_tables(client: Any, run: str, tables: Mapping[str, pd.DataFrame]) -> None:
    """As `mlflow.log_table` does, which would append to what an earlier call logged."""
    for name, rows in tables.items():
        client.log_text(run, rows.to_json(orient="split", index=False), f"{name}.json")
    logged = [{"path": f"{name}.json", "type": "table"} for name in tables]
    client.set_tag(run, "mlflow.loggedArtifacts", json.dumps(logged))


def log_traces(store: TrackingStore, parent: str, prompts: pd.DataFrame) -> None:
    """Log the traces of a run below its parent, once; they can be searched by the tags `gemquad.outcome` and `gemquad.language`."""
    found = store.client.search_traces(locations=[store.experiment], run_id=parent, include_spans=False)
    if len(found) == len(prompts):
        return
    if found:
        store.client.delete_traces(store.experiment, trace_ids=[trace.info.trace_id for trace in found])
    for prompt in prompts.to_dict("records"):
        root = store.client.start_trace(
            name=prompt["id"],
            span_type="LLM",
            inputs={name: prompt[name] for name in ("prompt", "temperature", "top_k", "top_p", "seed")},
            tags={f"gemquad.{name}": prompt[name] for name in ("language", "outcome")},
            experiment_id=store.experiment,
            run_id=parent,
        )
        outputs = {name: prompt[name] for name in ("completion", "outcome")}
        store.client.end_trace(root.trace_id, outputs=outputs, status="OK" if prompt["outcome"] == "ok" else "ERROR")


def _drawn(found: pd.DataFrame, size: int, seed: int) -> pd.DataFrame:
    return found.sample(min(size, len(found)), random_state=seed).sort_index()


def _mistakes(number: int, files: Workspace, params: Params) -> pd.DataFrame:
    task = load_task(params)
    view = load_view(task)
    examples = {(one.language, one.id): one for one in read_records(files.dev, task.records.example)}
    answers = read_records(files.round(number).predictions, task.records.prediction)
    rows = []
    for found in sorted((one for one in answers if one.split == "dev"), key=lambda one: -one.confidence):
        mark = view.answer(found, examples[found.language, found.id], params.filter)
        if not mark.correct:
            said = {"expected": mark.expected, "answered": mark.answer, "confidence": round(found.confidence, 4)}
            rows.append({"language": found.language, "id": found.id, view.terms.example: mark.input, **said})
    return pd.DataFrame(rows[:_ROWS])
