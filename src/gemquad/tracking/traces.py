"""A sample of prompts with their completions and outcomes as MLflow traces."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gemquad.schema import Completion, Prompt
from gemquad.tracking.store import TrackingStore

_SAMPLE = 60
_OK = "ok"


def log_traces(
    store: TrackingStore,
    parent: str,
    fingerprint: str,
    prompts: Sequence[Prompt],
    completions: Sequence[Completion],
    seed: int,
) -> None:
    """Log the traces of a run below its parent, once; they can be searched by the tags `gemquad.outcome` and `gemquad.language`."""
    written = {completion.id: completion for completion in completions}
    completed = [prompt for prompt in prompts if prompt.id in written]
    drawn = sorted(random.Random(seed).sample(range(len(completed)), min(_SAMPLE, len(completed))))
    logged = _logged(store, fingerprint)
    if len(logged) == len(drawn):
        return
    if logged:
        store.client.delete_traces(store.experiment, trace_ids=logged)
    for at in drawn:
        _log_trace(store, parent, fingerprint, completed[at], written[completed[at].id])


def _logged(store: TrackingStore, fingerprint: str) -> list[str]:
    wanted = f"tags.`gemquad.fingerprint` = '{fingerprint}'"
    found = store.client.search_traces(locations=[store.experiment], filter_string=wanted, include_spans=False)
    return [trace.info.trace_id for trace in found]


def _log_trace(store: TrackingStore, parent: str, fingerprint: str, prompt: Prompt, completion: Completion) -> None:
    tags = {
        "gemquad.fingerprint": fingerprint,
        "gemquad.language": prompt.language,
        "gemquad.outcome": completion.outcome,
    }
    root = store.client.start_trace(
        name=prompt.id,
        span_type="LLM",
        inputs=_asked(prompt),
        tags=tags,
        experiment_id=store.experiment,
        run_id=parent,
    )
    outputs = {"completion": completion.text, "outcome": completion.outcome}
    status = "OK" if completion.outcome == _OK else "ERROR"
    store.client.end_trace(root.trace_id, outputs=outputs, status=status)


def _asked(prompt: Prompt) -> Mapping[str, Any]:
    """The prompt with the sampling settings that were drawn for it."""
    fields = asdict(prompt)
    return {"prompt": prompt.text, **{name: fields[name] for name in ("temperature", "top_k", "top_p", "seed")}}
