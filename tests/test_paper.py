"""`experiment=paper` as it stands, every stage, its clients talking to a stand-in of the hub with tiny data and weights."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hub_standin import HubStandIn
from in_process import __file__ as program
from paper_hub import MLQA_LANGUAGES, write_paper_hub

SMALL = {
    "experiment": "paper",
    "prompting.prompts_per_passage": 12,
    "filter.agreement": "f1",
    "filter.min_f1": 0.0,
    "+filter.allow_empty": "true",
    "student.epochs": 1,
    "comparison": "paper",
    "comparison.systems": "[translated]",
    "comparison.seeds": "[13]",
}
"""A labeler of random weights agrees with nobody; with these settings it agrees with everybody, so that a round takes place."""


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("paper")
    run = folder / "run"
    run.mkdir()
    write_paper_hub(folder / "hub")
    with HubStandIn(folder / "hub") as hub:
        environment = {**os.environ, **hub.environment(folder / "home")}
        overrides = [f"{key}={value}" for key, value in SMALL.items()]
        subprocess.run([sys.executable, program, run, *overrides], env=environment, check=True)
        yield run


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_whole_graph_completes(finished: Path) -> None:
    assert read(finished / "metrics/selection.json")["stopped"] == "round 1: the only round (stopping.max_rounds)"
    assert len(pd.read_parquet(finished / "data/synthetic.parquet")) > 0
    page = (finished / "reports/index.html").read_text(encoding="utf-8")
    assert "rajpurkar/squad" in page and "cc-by-sa-4.0" in page.lower()


def test_the_student_is_xlm_roberta(finished: Path) -> None:
    config = read(finished / "models/best/config.json")
    assert config["architectures"] == ["XLMRobertaForQuestionAnswering"]


def test_every_language_of_mlqa_is_tested_and_two_are_trained_on(finished: Path) -> None:
    systems = read(finished / "metrics/intervals.json")["systems"]
    assert [one["system"] for one in systems] == ["baseline", "round-1", "translated"]
    for one in systems:
        assert set(one["scores"]["test"]) == {*MLQA_LANGUAGES, "all"}
    assert set(systems[0]["scores"]["dev"]) == {"es", "hi", "all"}


def test_data_cards_name_licence_and_commit(finished: Path) -> None:
    card = read(finished / "data/read/gold.card.json")
    assert (card["role"], card["hub"]["repo"], card["hub"]["revision"]) == (
        "gold",
        "rajpurkar/squad",
        "7b6d24c440a36b6815f21b70d25016731768db1f",
    )
    assert card["hub"]["commit"] == card["hub"]["revision"] and card["hub"]["citation"]


def test_the_generator_is_recorded_by_its_commit(finished: Path) -> None:
    generator = read(finished / "metrics/generation.json")["generator"]
    assert generator["model"] == "Qwen/Qwen3-14B-Base" and len(generator["weights"]) == 40
