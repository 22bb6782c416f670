"""The rows that `dvc plots` draws, and the page and templates it draws them with."""

import configparser
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc_render.vega import VegaRenderer

from gemquad.report.plots import loss_rows, score_rows, silver_rows
from test_page import CLASSES, content, labelled

ROOT = Path(__file__).parents[1]
DVC = ROOT / ".dvc"
PLOTS = {
    title: plot for entry in yaml.safe_load((ROOT / "dvc.yaml").read_text())["plots"] for title, plot in entry.items()
}
BASE = {"round": 1, "language": "es", "rev": "first"}


def test_scores_have_their_intervals_by_split() -> None:
    rows = list(score_rows(content()))
    assert [(row["round"], row["language"]) for row in rows] == [(0, "es"), (0, "de"), (1, "es"), (1, "de")]
    assert rows[2] == {
        "round": 1, "language": "es", "test": 60.9, "test_low": 56.9, "test_high": 64.9,
        "dev": 62.9, "dev_low": 58.9, "dev_high": 66.9,
    }  # fmt: skip
    assert rows[3] | {"dev": None, "dev_low": None, "dev_high": None} == rows[3], "German has no dev"
    assert {row["test"] for row in score_rows(labelled(CLASSES, 61.12345))} == {61.12, 63.52}


def test_silver_and_loss() -> None:
    assert list(silver_rows(content())) == [{"round": 1, "language": "es", "synthetic": 20, "silver": 5, "new": 4}]
    entry = {"step": 1, "phase": "gold", "loss": 0.5}
    assert list(loss_rows({0: [{**entry, "learning_rate": 0.1}], 1: []})) == [{"series": "baseline", **entry}]


@pytest.mark.parametrize("title", PLOTS)
def test_a_template_gets_the_fields_it_asks_for(title: str) -> None:
    plot = PLOTS[title]
    rows: list[dict[str, Any]] = {
        "by_language": [{**row, "rev": "first"} for row in score_rows(content())],
        "bars": [{**row, "rev": "first"} for row in silver_rows(content())],
        "smoothed": [{"rev": "first", "series": "baseline", "step": 1, "phase": "gold", "loss": 0.5}],
    }[plot["template"]]
    (y,) = plot["y"].values()
    labels = {key: plot[key] for key in ("title", "x", "x_label", "y_label")}
    drawn = VegaRenderer(rows, title, **labels, y=y, template=plot["template"], template_dir=str(DVC / "plots"))
    spec = drawn.get_filled_template()
    made = {name["as"] for step in spec["transform"] for name in [step, *step.get("window", [])] if "as" in name}
    fields = set(re.findall(r'"field": "(\w+)"', json.dumps(spec)))
    assert fields <= rows[0].keys() | made and "DVC_METRIC" not in json.dumps(spec)


def test_the_page_needs_no_network_and_has_the_versions_that_dvc_names() -> None:
    config = configparser.ConfigParser()
    config.read(DVC / "config")
    page = (DVC / config["plots"]["html_template"]).read_text(encoding="utf-8")
    assert not re.search(r"<(script|link|img)[^>]* (src|href)=", page.split("<script>")[0])
    assert page.count("<script>") == page.count("</script>") == 3 and "{scripts}" not in page
    for library, version in re.findall(r"npm/([a-z-]+)@([\d.]+)", VegaRenderer.SCRIPTS):
        assert f"{library} {version}\n" in page.lower(), "renew .dvc/plots.html"
