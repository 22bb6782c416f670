from typing import Any

from gemquad.report.experiments import changed, finished, rows, table

TASK = {"name": "reading", "kind": "extractive_qa"}
OTHER = {
    "name": "reviews",
    "kind": "text_classification",
    "labels": {"positive": "1", "negative": "0"},
    "columns": {"text": "text", "label": "label"},
    "metrics": ["mcc"],
}


def state(name: str, patience: int, selected: int, ran: bool = True) -> dict[str, Any]:
    """What `dvc exp show --json` says of one experiment."""
    scores = {"test": {"es": {"f1": 60.0 + selected, "exact_match": 50.0, "examples": 9}}}
    metrics: dict[str, Any] = {
        f"metrics/rounds/{selected}/scores.json": {"data": scores},
        "metrics/gains.json": {
            "data": {"round-1": {"es": {"f1": {"value": 1.0, "low": -0.5, "high": 2.5}}}},
        },
        "metrics/selection.json": {"data": {"round": selected, "stopped": "round 1: enough"}},
    }
    missing = {"metrics/selection.json": {"error": {"type": "FileNotFoundError", "msg": ""}}}
    raw = {"task": TASK, "stopping": {"patience": patience}, "seed": 13, "rounds": {"1": {"previous": 0}}}
    data = {"params": {"params.yaml": {"data": raw}}, "metrics": metrics if ran else missing}
    return {"rev": name * 7, "name": name, "data": data, "experiments": None}


SHOWN = [
    {"rev": "workspace", "name": None, "data": None, "experiments": None},
    {
        **state("main", 2, 0, ran=False),
        "experiments": [{"name": n, "revs": [state(n, p, s)]} for n, p, s in (("a", 1, 0), ("b", 2, 1))],
    },
]


def test_only_experiments_that_ran_to_their_end_are_compared() -> None:
    assert [(e.name, e.best) for e in finished(SHOWN)] == [("a", "baseline"), ("b", "round-1")]


def test_only_what_differs_is_shown_and_nothing_derived() -> None:
    assert changed(finished(SHOWN)) == [{"stopping.patience": "1"}, {"stopping.patience": "2"}]


def test_the_table_shows_scores_and_the_gain_with_its_interval() -> None:
    lines = table(finished(SHOWN)).split("\n")
    assert (
        lines[0]
        == "| experiment | stopping.patience | scores of | F1 es | gain F1 es | EM es | selected on dev | stopped |"
    )
    assert lines[3] == "| b | 2 | round-1 | 61.0 | +1.0 (−0.5 to +2.5) | 50.0 | round-1 | round 1: enough |"


def of_task(made: dict[str, Any], task: dict[str, Any], words: list[str], scores: dict[str, float]) -> dict[str, Any]:
    """The experiment `made`, as one of another task."""
    params = made["data"]["params"]["params.yaml"]["data"]
    params |= {"task": task, "prompting": {"shots": 0, "words": words}}
    made["data"]["metrics"]["metrics/rounds/1/scores.json"] = {"data": {"test": {"ja": {**scores, "examples": 9}}}}
    return made


def test_experiments_of_several_tasks_stand_in_one_table_under_their_own_metrics() -> None:
    reviews = of_task(state("b", 2, 1), OTHER, ["shoes"], {"mcc": -3.25})
    first, second = table(finished([state("a", 2, 1), reviews])).split("\n")[2:]
    header = table(finished([state("a", 2, 1), reviews])).split("\n")[0]
    assert header.startswith("| experiment | task.name | scores of | F1 es | gain F1 es | EM es | MCC ja |")
    assert first.startswith("| a | reading | round-1 | 61.0 | +1.0 (−0.5 to +2.5) | 50.0 | – |")
    assert second.startswith("| b | reviews | round-1 | – | – | – | −3.2 |")


def test_the_settings_of_a_task_are_compared_within_it_and_long_ones_are_cut() -> None:
    words = [["shoes"], ["shoes", *["a very long product genre"] * 9]]
    both = [of_task(state(name, 2, 1), OTHER, w, {"mcc": 1.0}) for name, w in zip("ab", words, strict=True)]
    found = changed(finished([state("c", 2, 1), *both]))
    assert [list(values) for values in found] == 3 * [["task.name", "prompting.words"]]
    assert found[1]["prompting.words"] == "['shoes']"
    assert len(found[2]["prompting.words"]) == 60 and found[2]["prompting.words"].endswith("…")


def test_an_experiment_of_another_version_names_its_metrics_as_its_files_do() -> None:
    (row,) = rows(finished([of_task(state("a", 2, 1), {"name": "reading"}, [], {"f1": 61.0})]))
    assert row["scores"] == {"scores of": "round-1", "f1 ja": 61.0}


def test_where_dev_selected_the_baseline_the_last_round_is_shown() -> None:
    chosen = state("c", 1, 0)
    chosen["data"]["metrics"]["metrics/rounds/1/scores.json"] = {
        "data": {"test": {"es": {"f1": 66.0, "exact_match": 55.0}}}
    }
    (row,) = rows(finished([chosen]))
    assert (row["best"], row["scores"]["scores of"], row["scores"]["F1 es"]) == ("baseline", "round-1", 66.0)


def test_the_workspace_counts_only_where_it_is_no_experiment() -> None:
    same = {**state("b", 2, 1), "rev": "workspace", "name": None}
    other = {**state("b", 3, 1), "rev": "workspace", "name": None}
    assert [e.name for e in finished([same, *SHOWN[1:]])] == ["a", "b"]
    assert [e.name for e in finished([other, *SHOWN[1:]])] == ["workspace", "a", "b"]


def test_two_experiments_of_one_name_are_both_there() -> None:
    again = {**state("a", 7, 0), "rev": "another"}
    assert [e.params["stopping.patience"] for e in finished([state("a", 1, 0), again])] == [1, 7]
