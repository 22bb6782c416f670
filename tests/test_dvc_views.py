"""What DVC's own commands show of two runs, and what VS Code's extension for DVC reads."""

import json
from typing import Any

from dvc.repo import Repo

from checkout import Checkout
from test_diff import two_runs  # noqa: F401, a fixture
from test_pipeline import finished  # noqa: F401, a fixture


def test_metrics_diff_shows_what_changed(two_runs: Checkout) -> None:  # noqa: F811
    said = _json(two_runs.run("dvc", "metrics", "diff", "first", "second", "--json"))
    assert said == {"metrics/summary.json": {"selected": {"old": "round-1", "new": "round-2"}}}


def test_params_diff_shows_the_setting(two_runs: Checkout) -> None:  # noqa: F811
    said = _json(two_runs.run("dvc", "params", "diff", "first", "second", "--json"))
    assert said["params.yaml"] == {"report.pairs": {"old": 2000, "new": 7, "diff": -1993}}


def test_plots_diff_draws_both_revisions(two_runs: Checkout) -> None:  # noqa: F811
    said = _json(two_runs.run("dvc", "plots", "diff", "first", "second", "--json"))
    assert "errors" not in said
    assert set(said["data"]) == {"Score on test", "Score on dev", "Silver by round", "Training loss"}
    for (plot,) in said["data"].values():
        assert plot["type"] == "vega" and plot["revisions"] == ["first", "second"]
    for title in ("Score on test", "Score on dev"):
        rows = said["data"][title][0]["content"]["data"]["values"]
        assert {(row["rev"], row["language"], row["round"]) for row in rows} == {
            (rev, language, number)
            for rev in ("first", "second")
            for language in ("all", "es", "hi")
            for number in (0, 1, 2)
        }


def test_exp_show_has_parameters_and_metrics(two_runs: Checkout) -> None:  # noqa: F811
    workspace, *commits = _json(two_runs.run("dvc", "exp", "show", "--json"))
    assert workspace["rev"] == "workspace" and commits[0]["name"] == "master"
    for state in (workspace, commits[0]):
        assert state["data"]["params"]["params.yaml"]["data"]["report"]["pairs"] == 7
        (summary,) = state["data"]["metrics"].values()
        assert summary["data"]["selected"] == "round-2" and list(summary["data"])[:3] == ["selected", "silver", "all"]


def test_the_student_is_an_artifact(two_runs: Checkout) -> None:  # noqa: F811
    with Repo(str(two_runs.root)) as repo:
        student = repo.artifacts.read()["dvc.yaml"]["student"]
    assert (student.path, student.type, student.desc) == (
        "models/best",
        "model",
        "The student that the run ended with",
    )


def _json(output: str) -> Any:
    """The JSON among what DVC prints: warnings stand on lines of their own."""
    (line,) = [line for line in output.splitlines() if line[:1] in "[{" and line[:1]]
    return json.loads(line)
