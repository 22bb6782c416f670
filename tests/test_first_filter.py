"""The audit of the first filter over the files of the selection experiment (`benchmarks/first_filter.py`)."""

from typing import Any

import pandas as pd
import pytest

from conftest import ROOT
from gemquad.params import load_params
from gemquad.tasks.loading import load_task


@pytest.fixture
def first_filter(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import first_filter

    return first_filter


def rows(*told: tuple[str, list[str]]) -> pd.DataFrame:
    """Pairs with the answer Lima, each about a passage of its own: their corruption, and what the labelers say."""
    common = {"language": "es", "question": "¿Dónde?", "answer": "Lima", "answer_start": 0}
    return pd.DataFrame(
        [
            {"id": str(n), "passage_id": str(n), **common, "corruption": corruption, "labeler_answers": said}
            for n, (corruption, said) in enumerate(told)
        ]
    )


def test_precision_recall_and_what_is_wrongly_kept_by_the_first_labeler_and_by_votes(first_filter: Any) -> None:
    params = load_params(ROOT / "params.yaml")
    clean = [("", ["Lima", "Lima"]), ("", ["Lima", "Cusco"]), ("", ["Cusco", "Cusco"]), ("", ["Cusco", "Cusco"])]
    audit = rows(*clean, ("wrong_sentence", ["Cusco", "Cusco"]), ("shifted_boundary", ["Cusco", "Lima"]))
    pool = rows(("", ["Cusco", "Lima"]), ("", ["Cusco", "Cusco"]))
    voted = [first_filter.votes(one, params.filter, load_task(params)) for one in (audit, pool)]
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in first_filter.table(*voted).splitlines()[2:]]
    found = [[line[1], line[3].split()[0], line[4].split()[0], *line[5:]] for line in lines if line[0] == "all"]
    assert found == [
        ["the first", "100.0%", "50.0%", "shifted boundary 0 of 1, wrong sentence 0 of 1", "2", "0 (0.0%)"],
        ["1 of 2", "66.7%", "50.0%", "shifted boundary 1 of 1, wrong sentence 0 of 1", "2", "1 (50.0%)"],
        ["2 of 2", "100.0%", "25.0%", "shifted boundary 0 of 1, wrong sentence 0 of 1", "2", "0 (0.0%)"],
    ]
