import json
from pathlib import Path

import evaluate
import pytest

from gemquad.scoring.qa import best_over_references, exact_match, f1, normalize

FIXTURES = Path(__file__).parents[2] / "shared/fixtures"


@pytest.mark.parametrize(
    ("language", "answer", "expected"),
    [
        ("en", "The  Red, red House!", "red red house"),
        ("es", "La casa de los «Buendía»", "casa de buendía"),
        ("hi", "दिल्ली।", "दिल्ली"),
        ("de", "Der Rat der Stadt", "rat stadt"),
        ("vi", "những con mèo", "con mèo"),
        ("ar", "في البيت", "في بيت"),
        ("zh", "在2008年，北京", "在 2008 年 北 京"),
        ("ja", "東京タワーは333m", "東 京 タ ワ ー は 333m"),
        ("fr", "le chat", "le chat"),
    ],
)
def test_normalizes_by_the_rules_of_the_language(language: str, answer: str, expected: str) -> None:
    assert normalize(answer, language) == expected


@pytest.mark.parametrize(
    ("codes", "answer"),
    [
        (("zh", "zh-TW", "zh_tw", "ZH-Hant-HK", "cmn"), "在2008年，北京"),
        (("es", "ES", "es_ES", "es-419"), "La casa de los «Buendía»"),
        (("ja", "ja-JP"), "東京タワーは333m"),
        (("de", "de-AT"), "Der Rat der Stadt"),
    ],
)
def test_a_variety_goes_by_the_rules_of_its_language(codes: tuple[str, ...], answer: str) -> None:
    assert {normalize(answer, code) for code in codes} == {normalize(answer, codes[0])}


def test_f1_counts_shared_tokens_with_their_number() -> None:
    assert f1("big big dog", "big dog", "en") == pytest.approx(0.8)
    assert f1("", "dog", "en") == 0.0


def test_exact_match_ignores_case_articles_and_punctuation() -> None:
    assert exact_match("the Dog.", "dog", "en") == 1.0
    assert exact_match("dogs", "dog", "en") == 0.0


def test_takes_the_best_reference_for_each_metric() -> None:
    assert best_over_references("red dog", ["dog", "a red dog"], "en") == (1.0, 1.0)


def test_is_an_evaluate_metric_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(__file__).parents[1] / "src/gemquad/scoring/mlqa"
    metric = evaluate.load(str(path), "es", cache_dir=str(tmp_path))
    assert metric.compute(predictions=["la casa roja", "Lima"], references=[["casa"], ["Cusco", "Lima."]]) == {
        "f1": pytest.approx(100 * (2 / 3 + 1) / 2),
        "exact_match": 50.0,
    }


@pytest.mark.skipif(not FIXTURES.exists(), reason="official scores are beside the project only while it is developed")
@pytest.mark.parametrize("language", ["en", "es", "hi"])
def test_equals_the_official_mlqa_script(language: str) -> None:
    rows = json.loads((FIXTURES / f"mlqa_scores.{language}.json").read_text(encoding="utf-8"))["rows"]
    assert len(rows) == 400
    for row in rows:
        scores = best_over_references(row["prediction"], row["references"], language)
        assert scores == pytest.approx((row["f1"], row["exact_match"]), abs=1e-9), row["id"]
