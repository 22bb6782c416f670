"""What is logged of a round as soon as it is scored: settings, data with their hashes, scores, the curve, where its student is."""

import json
from dataclasses import asdict

from gemquad.files import read_json, read_result
from gemquad.schema.results import DECISION, GENERATION, GENERATION_TIME, SCORES, SILVER
from gemquad.tracking.state import PipelineState
from gemquad.tracking.store import CONTENT, CURVE, TrackingStore, opened
from gemquad.tracking.values import Point, curve_points, digest, log_metrics, log_params
from gemquad.workspace import RoundFolder, Workspace


def log_round(number: int, files: Workspace) -> None:
    """Log one round below the parent run of this pipeline state. What is there already stays, what is incomplete is replaced."""
    own = files.round(number)
    scores = _scores(own)
    with opened(PipelineState.read(files)) as store:
        parent = store.parent()
        _describe(store, parent, files)
        for file in (files.params, files.generation):
            store.client.log_artifact(parent, str(file))
        _log_child(store, files, own, scores)
        by_round = [(f"rounds/{name}", value, step) for name, value, step in scores if "/" not in name]
        log_metrics(store.client, parent, [*by_round, *_generation(files)])
        store.client.set_tag(parent, "gemquad.decision", read_result(own.decision, DECISION).reason)
        store.client.set_terminated(parent)


def _log_child(store: TrackingStore, files: Workspace, own: RoundFolder, scores: list[Point]) -> None:
    """The run of the round: a complete one of the same content stays, one in which this training was followed is completed."""
    curve, student = read_json(own.curve), store.state.outputs.get(own.student.as_posix())
    results = (own.scores, own.silver_counts, own.curve, own.decision, files.generation)
    content = digest([student and student.md5, *(path.read_text(encoding="utf-8") for path in results)])
    known = store.runs(own.number)
    complete = [run for run in known if run.data.tags.get(CONTENT) == content]
    followed = [run for run in known if CONTENT not in run.data.tags and run.data.tags.get(CURVE) == digest(curve)]
    kept = [run.info.run_id for run in complete or followed][:1]
    for other in {run.info.run_id for run in known} - set(kept):
        store.delete_run(other)
    if complete:
        return
    run = kept[0] if kept else store.make_round(own.number)
    _describe(store, run, files, own)
    log_metrics(store.client, run, [*scores, *curve_points(curve)])
    store.client.set_tag(run, "gemquad.decision", read_result(own.decision, DECISION).reason)
    store.client.set_tag(run, "gemquad.student", json.dumps(asdict(student)) if student else own.student.as_posix())
    store.client.set_tag(run, CURVE, digest(curve))
    store.client.set_tag(run, CONTENT, content)
    store.client.set_terminated(run)


def _describe(store: TrackingStore, run: str, files: Workspace, own: RoundFolder | None = None) -> None:
    """Log the settings, and as data sets, known by their DVC hashes, the records that rounds share and the silver of this one."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    used = {
        files.gold: "training",
        files.exemplars: "prompting",
        files.passages: "prompting",
        files.synthetic: "filtering",
        files.dev: "selection",
        files.test: "evaluation",
    }
    if own and own.number:
        used[own.silver] = "training"
    log_params(store.client, run, store.state.settings)
    inputs = []
    for path, use in used.items():
        if file := store.state.outputs.get(path.as_posix()):
            data = Dataset(name=path.stem, digest=file.md5, source_type="dvc", source=json.dumps(asdict(file)))
            inputs.append(DatasetInput(data, [InputTag("mlflow.data.context", use)]))
    store.client.log_inputs(run, inputs)


def _scores(own: RoundFolder) -> list[Point]:
    """`dev_f1_hi`, `test_f1_hi`, `silver_hi`; other metrics than a task's first are in the section `scores`."""
    points = [
        (f"{'scores/' if at else ''}{split}_{metric}_{language}", value)
        for split, languages in sorted(read_result(own.scores, SCORES).items(), reverse=True)  # a comparison shows test
        for language, values in languages.items()
        for at, (metric, value) in enumerate(values.items())
        if metric != "examples"
    ]
    for language, counts in read_result(own.silver_counts, SILVER).items():
        points += [(f"silver_{language}", counts.silver), (f"silver/new_{language}", counts.new)]
    return [(name, value, own.number) for name, value in points]


def _generation(files: Workspace) -> list[Point]:
    """Pairs by language and, where they speak of the same completions, seconds and cost: what runs are compared by.

    The artefact generation.json has what came of every prompt, and the tokens.
    """
    found = read_result(files.generation, GENERATION)
    values: dict[str, float] = {
        f"pairs_{language}": counts.synthetic_pairs for language, counts in found.languages.items()
    }
    timing = read_result(files.generation_time, GENERATION_TIME) if files.generation_time.exists() else None
    if timing and timing.completions == found.completions:
        values["seconds"] = timing.time.seconds
        if cost := timing.time.cost_with_hours:  # 0 is what an own machine without a price has in every run
            values["cost"] = cost
    return [(f"generation/{name}", value, 0) for name, value in values.items()]
