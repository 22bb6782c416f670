from typing import Any

from gemquad.report.experiments import changed, finished, table


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


def test_the_table_shows_the_gain_of_the_selected_system_with_its_interval() -> None:
    lines = table(finished(SHOWN)).split("\n")
    assert lines[0] == "| experiment | stopping.patience | test F1 / EM es | selected | stopped |"
    assert lines[2] == "| a | 1 | 60.0 / 50.0 | baseline | round 1: enough |"
    assert lines[3] == "| b | 2 | 61.0 (+1.0, -0.5 to +2.5) / 50.0 | round-1 | round 1: enough |"
