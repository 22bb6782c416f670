"""Pairs that people checked are silver of every round."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from conftest import ROOT, pair, question
from gemquad.errors import UserError
from gemquad.files import read_json
from gemquad.params import Data, LanguageFiles, load_params
from gemquad.parquet import write_records
from gemquad.rounds.corrected import with_corrected
from gemquad.rounds.reasons import why
from gemquad.rounds.silver import Silver, keep
from gemquad.schema import Judgement, LabelledText, Passage, Question, SilverPair
from gemquad.schema.results import SilverCounts
from gemquad.sources.roles import gather
from gemquad.tasks.answers import Answer
from gemquad.tasks.loading import load_saved_task
from released import run_small
from test_page import CLASSES

READING: Any = load_saved_task({"name": "reading", "kind": "extractive_qa"})
LIMA = "Ana vive en Lima."


def checked(identifier: str, text: str = "¿Dónde vive Ana?") -> Question:
    return Question(identifier, "es", "", LIMA, text, ["Lima"], [12])


def silver_pair(identifier: str) -> SilverPair:
    return SilverPair(identifier, "es", "x", LIMA, "¿Quién?", "Ana", 0, 1.0)


def judged(identifier: str, kept: bool) -> Judgement:
    return Judgement(identifier, "es", "Ana", 0, 0.9, float(kept), 1.0, 0.9, False, 1.0, kept)


def test_a_checked_pair_replaces_that_of_its_id_and_counts_as_a_candidate_that_was_kept() -> None:
    made: Silver[Any] = Silver(
        [silver_pair("a"), silver_pair("b")],
        [judged("a", True), judged("b", True), judged("c", False)],
        {"es": SilverCounts(3, 2, 2)},
    )
    found = with_corrected(made, [checked("b"), checked("c"), checked("new")], {"a"}, READING)
    assert [(pair.id, pair.question) for pair in found.pairs] == [
        ("a", "¿Quién?"),
        ("b", "¿Dónde vive Ana?"),
        ("c", "¿Dónde vive Ana?"),
        ("new", "¿Dónde vive Ana?"),
    ]
    last = found.pairs[-1]
    assert (last.answer, last.answer_start, last.weight, last.passage_id) == ("Lima", 12, 1.0, Passage.id_of(LIMA))
    assert found.counts == {"es": SilverCounts(4, 4, 3)}
    assert [(one.id, one.kept) for one in found.judgements] == [("a", True), ("b", False), ("c", False)]
    assert with_corrected(made, [], {"a"}, READING) == made


@pytest.mark.parametrize(("mode", "weights"), [("accumulate", "none"), ("reselect", "agreement")])
def test_what_was_generated_under_a_checked_id_is_kept_by_no_later_round(mode: Any, weights: Any) -> None:
    rule = replace(load_params(ROOT / "params.yaml").filter, mode=mode, weights=weights)
    made = keep([pair("b")], [[[Answer("Lima", 12, 0.9)]]], {"b"}, rule, READING)
    assert made.judgements[0].kept
    (judgement,) = with_corrected(made, [checked("b")], {"b"}, READING).judgements
    assert not judgement.kept and why(judgement, rule, READING) == "a corrected pair stands in its place"


def test_labelled_texts_are_pairs_as_they_are() -> None:
    found: Silver[Any] = with_corrected(Silver(), [LabelledText("t", "ja", "犬", "猫", "neutral")], set(), CLASSES)
    assert [(one.text, one.label, one.weight) for one in found.pairs] == [("犬", "neutral", 1.0)]


def test_a_checked_pair_on_a_passage_of_test_is_refused(tmp_path: Path) -> None:
    for role in ("exemplars", "dev", "test", "corrected"):
        text = f"Un texto de {role}, Lima." if role != "corrected" else "Un texto de test, Lima."
        write_records(tmp_path / f"{role}-es.parquet", Question, [question(text, language="es")])
    write_records(tmp_path / "passages-es.parquet", Passage, [Passage("p", "es", "", "Otro texto.")])
    write_records(tmp_path / "gold.parquet", Question, [question("Gold: Lima.", language="en")])
    files = dict.fromkeys(("exemplars", "passages", "dev", "test"), "x")
    with pytest.raises(UserError, match="corrected and test share texts"):
        gather(
            tmp_path, Data("files", "x", "en", {"es": LanguageFiles(**files, corrected="x")}), ["es"], READING.format
        )
    without = gather(tmp_path, Data("files", "x", "en", {"es": LanguageFiles(**files)}), ["es"], READING.format)
    assert without.corrected == [] and all("corrected" not in one.roles for one in without.overlaps)


def test_a_run_trains_on_them_though_the_labeler_agrees_with_nothing(tiny_gemma: Path, tmp_path: Path) -> None:
    file = tmp_path / "corrected.es.json"
    qas = [{"id": "mine", "question": "¿Dónde vive Ana?", "answers": [{"text": "Lima", "answer_start": 12}]}]
    document = {"data": [{"title": "", "paragraphs": [{"context": LIMA, "qas": qas}]}]}
    file.write_text(json.dumps(document), encoding="utf-8")
    run_small(tmp_path / "run", tiny_gemma, "filter.min_confidence=1.0", f"+data.languages.es.corrected={file}")
    silver = pd.read_parquet(tmp_path / "run/data/rounds/1/silver.parquet")
    assert list(silver["id"]) == ["mine"]
    counts = read_json(tmp_path / "run/metrics/rounds/1/silver.json")
    assert (counts["es"]["silver"], counts["es"]["new"], counts["hi"]["silver"]) == (1, 1, 0)
    assert list(pd.read_parquet(tmp_path / "run/data/release/es/silver.parquet")["id"]) == ["mine"]
    assert read_json(tmp_path / "run/metrics/rounds/1/decision.json")["history"][1]["silver"] == 1
