"""The columns and charts that MLflow's page opens with."""

import json
import zlib
from base64 import b64decode

from gemquad.tracking.view import packed, shared_view

METRICS = [
    "dev_f1_es",
    "dev_f1_hi",
    "dev_f1_all",
    "dev_f1_all_low",
    "dev_f1_all_high",
    "test_f1_es",
    "test_f1_hi",
    "test_f1_all",
    "test_f1_all_low",
    "test_f1_all_high",
    "gain_f1_es",
    "gain_f1_es_low",
    "gain_f1_es_high",
    "gain_f1_hi",
    "gain_f1_hi_low",
    "gain_f1_hi_high",
    "silver_es",
    "silver_hi",
    "scores/test_exact_match_es",
    "rounds/test_f1_es",
    "generation/seconds",
    "training/loss_gold",
    "accuracy",
]


def test_the_table_begins_with_test_and_gain_by_language_and_has_a_dozen_columns() -> None:
    assert shared_view(METRICS)["selectedColumns"] == [
        "metrics.`test_f1_es`",
        "metrics.`test_f1_hi`",
        "tags.`gemquad.gain_f1_es`",
        "tags.`gemquad.gain_f1_hi`",
        "metrics.`test_f1_all`",
        "metrics.`dev_f1_es`",
        "metrics.`dev_f1_hi`",
        "metrics.`silver_es`",
        "metrics.`silver_hi`",
        "metrics.`dev_f1_all`",
        "tags.`gemquad.selected`",
        "tags.`gemquad.decision`",
    ]


def test_every_column_has_a_width_and_a_place_after_the_name_of_the_run() -> None:
    view = shared_view(METRICS)
    assert view["columnOrder"] == ["attributes.`Run Name`", "runDateAndNestInfo", *view["selectedColumns"]]
    assert set(view["columnWidths"]) == set(view["columnOrder"])
    first_four = sum(view["columnWidths"][column] for column in view["columnOrder"][:6])
    assert first_four <= 940, "name, time, test and gain of two languages are seen at 1280 pixels beside the side bar"


def test_the_charts_begin_with_the_settings_that_differ_and_show_each_language() -> None:
    view = shared_view(METRICS)
    differs, *bars = view["compareRunCharts"]
    assert differs["type"] == "DIFFERENCE" and differs["compareGroups"] == ["Parameters"]
    assert differs["showDifferencesOnly"] is True
    assert [bar["metricKey"] for bar in bars] == ["test_f1_es", "test_f1_hi", "gain_f1_es", "gain_f1_hi", "test_f1_all"]
    shown = [section["name"] for section in view["compareRunSections"] if section["display"]]
    assert shown == ["What differs", "By language", "rounds"]
    sections = {section["uuid"] for section in view["compareRunSections"]}
    assert {chart["metricSectionId"] for chart in view["compareRunCharts"]} <= sections
    uuids = [chart["uuid"] for chart in view["compareRunCharts"]]
    assert len(set(uuids)) == len(uuids)


def test_a_view_of_a_hundred_languages_fits_into_a_tag_of_mlflow() -> None:
    metrics = [f"{kind}_{number:03}" for kind in ("test_f1", "gain_f1", "dev_f1", "silver") for number in range(100)]
    tag = packed(shared_view(metrics))
    assert len(tag) < 20_000
    assert json.loads(zlib.decompress(b64decode(tag.removeprefix("deflate;")))) == shared_view(metrics)
