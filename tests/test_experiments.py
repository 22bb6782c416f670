from typing import Any

from gemquad.report.experiments import changed, finished, rows, table


def state(name: str, patience: int, selected: int, ran: bool = True) -> dict[str, Any]:
    """What `dvc exp show --json` says of one experiment."""
    scores = {"test": {"es": {"f1": 60.0 + selected, "exact_match": 50.0, "questions": 9}}}
    metrics: dict[str, Any] = {
        f"metrics/rounds/{selected}/scores.json": {"data": scores},
        "metrics/gains.json": {
            "data": {"round-1": {"es": {"f1": {"value": 1.0, "low": -0.5, "high": 2.5}}}},
        },
        "metrics/selection.json": {"data": {"round": selected, "stopped": "round 1: enough"}},
    }
    missing = {"metrics/selection.json": {"error": {"type": "FileNotFoundError", "msg": ""}}}
    raw = {"stopping": {"patience": patience}, "seed": 13, "rounds": {"1": {"previous": 0}}}
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
