"""Pairs that are corrected on the page become files that the readers of the task take as exemplars."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gemquad.report.page import page
from gemquad.sources.squad import read_questions
from gemquad.tasks.labelled.format import LabelledFormat
from gemquad.tasks.loading import load_saved_task
from gemquad.views.loading import load_view
from test_page import CLASSES, HOSTILE, NUMBERS, content, labelled, pair
from test_page_browser import CHROMIUM, browser, context, watched

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
__all__ = ["browser", "context"]

TWICE = "Ana vive en Lima. 👩‍👩‍👧 Luis nació en Lima."


def opened(context: Any, folder: Path, found: Any) -> Any:
    file = folder / "index.html"
    file.write_text(page(found), encoding="utf-8")
    return watched(context, file.as_uri())


@pytest.fixture
def tab(context: Any, tmp_path: Path) -> Iterator[Any]:
    """Three pairs: two on one passage, one on another in which the answer stands twice."""
    twice = pair(2, passage=1, answer="Lima", start=TWICE.index("Lima"), rounds=[])
    with opened(context, tmp_path, content(passages=[HOSTILE, TWICE], pairs=[pair(0), pair(1), twice])) as found:
        yield found


def saved(tab: Any, folder: Path, name: str) -> Path:
    """The file of a button of the bar."""
    with tab.expect_download() as download:
        tab.click(f"#pair-corrections button:has-text('{name}')")
    assert download.value.suggested_filename == name
    download.value.save_as(folder / name)
    return folder / name


def card(tab: Any, number: int) -> Any:
    return tab.locator("#pair-list > li").nth(number)


def focused(tab: Any) -> int:
    return int(tab.evaluate("[...document.querySelectorAll('#pair-list > li')].indexOf(document.activeElement)"))


def test_keys_accept_reject_undo_and_go_on(tab: Any, tmp_path: Path) -> None:
    card(tab, 0).focus()
    tab.keyboard.press("Enter")
    assert focused(tab) == 1
    tab.keyboard.press("Backspace")
    assert focused(tab) == 2
    tab.keyboard.press("Enter")
    tab.keyboard.press("u")
    tab.keyboard.press("ArrowLeft")
    assert focused(tab) == 1
    assert [card(tab, i).get_attribute("data-state") for i in range(3)] == ["accepted", "rejected", ""]
    assert "1 accepted or edited, 1 rejected." in tab.inner_text("#pair-corrections")
    (kept,) = read_questions(saved(tab, tmp_path, "corrected.es.json"), "es")
    assert (kept.id, kept.question, kept.passage) == ("es-0", "¿Dónde vive Ana, 0?", HOSTILE)
    assert (kept.answers, kept.answer_starts) == (["Lima"], [HOSTILE.index("Lima")])


def test_an_answer_that_is_not_in_the_passage_is_refused_at_once(tab: Any, tmp_path: Path) -> None:
    card(tab, 2).focus()
    tab.keyboard.press("e")
    form = card(tab, 2).locator("form")
    form.locator("input").fill("lima")
    assert "The answer is not in the passage" in form.inner_text()
    assert form.locator("button[type=submit]").is_disabled()
    form.locator("input").fill("Luis")
    form.locator("textarea").fill("¿Quién nació en Lima?")
    tab.keyboard.press("Control+Enter")
    assert card(tab, 2).get_attribute("data-state") == "edited"
    assert "¿Quién nació en Lima? · Luis" in card(tab, 2).inner_text()
    (made,) = read_questions(saved(tab, tmp_path, "corrected.es.json"), "es")
    assert (made.question, made.answers, made.answer_starts) == (
        "¿Quién nació en Lima?",
        ["Luis"],
        [TWICE.index("Luis")],
    )


def test_what_is_selected_in_the_passage_is_the_answer_at_that_very_place(tab: Any, tmp_path: Path) -> None:
    card(tab, 2).locator("button:text('Edit')").click()
    last = TWICE.rindex("Lima")
    tab.evaluate(
        """() => {
            const passage = document.querySelectorAll('#pair-list > li')[2].querySelector('.passage');
            const text = [...passage.childNodes].find((node) => node.data?.includes('Luis'));
            const range = document.createRange();
            range.setStart(text, text.data.lastIndexOf('Lima'));
            range.setEnd(text, text.data.lastIndexOf('Lima') + 4);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            passage.dispatchEvent(new PointerEvent('pointerup', { bubbles: true }));
        }"""
    )
    card(tab, 2).locator("button:text('Save')").click()
    (made,) = read_questions(saved(tab, tmp_path, "corrected.es.json"), "es")
    assert (made.answers, made.answer_starts) == (["Lima"], [last])


def test_corrections_last_until_they_are_forgotten(tab: Any) -> None:
    card(tab, 1).locator("button:text('Accept')").click()
    tab.reload()
    assert card(tab, 1).get_attribute("data-state") == "accepted"
    tab.click("#pair-corrections button:text('Forget all')")
    assert card(tab, 1).get_attribute("data-state") == ""
    assert tab.inner_text("#pair-corrections") == ""


def test_escape_leaves_a_pair_as_it_was(tab: Any) -> None:
    card(tab, 0).locator("button:text('Edit')").click()
    tab.keyboard.press("Escape")
    assert card(tab, 0).locator("form").count() == 0 and card(tab, 0).get_attribute("data-state") == ""


def test_a_phone_never_scrolls_sideways_while_one_edits(tab: Any) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    card(tab, 0).locator("button:text('Edit')").click()
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    assert card(tab, 0).locator("button:text('Accept')").bounding_box()["height"] >= 44


def test_classes_are_chosen_and_written_as_the_label_column_has_them(context: Any, tmp_path: Path) -> None:
    with opened(context, tmp_path, labelled(CLASSES, 61.0, corrections=load_view(CLASSES).corrections)) as tab:
        card(tab, 0).locator("button:text('Edit')").click()
        card(tab, 0).locator("select").select_option("neutral")
        card(tab, 0).locator("textarea").first.fill("犬が歩く")
        card(tab, 0).locator("button:text('Save')").click()
        card(tab, 1).locator("button:text('Accept')").click()
        file = saved(tab, tmp_path, "corrected.ja.jsonl")
    first, second = LabelledFormat(CLASSES.settings).read(file, "ja", "exemplars")
    assert (first.text, first.second, first.label) == ("犬が歩く", "動物がいる", "neutral")
    assert (second.text, second.label) == ("犬が走る、1", "contradiction")


def test_a_number_out_of_range_is_refused(context: Any, tmp_path: Path) -> None:
    pairs = [{**one, "answer": "3.0"} for one in labelled(NUMBERS, 61.0).pairs]
    with opened(
        context, tmp_path, labelled(NUMBERS, 61.0, pairs=pairs, corrections=load_view(NUMBERS).corrections)
    ) as tab:
        card(tab, 0).locator("button:text('Edit')").click()
        answer = card(tab, 0).locator("form input")
        for wrong in ("5.1", "three"):
            answer.fill(wrong)
            assert "The label is a number from 0 to 5." in card(tab, 0).inner_text()
        answer.fill("4.5")
        card(tab, 0).locator("button:text('Save')").click()
        file = saved(tab, tmp_path, "corrected.ja.jsonl")
    (made,) = LabelledFormat(NUMBERS.settings).read(file, "ja", "exemplars")
    assert made.label == "4.5"


def test_the_id_column_of_a_task_is_written() -> None:
    task = {"name": "t", "kind": "text_classification", "labels": {"a": "0", "b": "1"}, "metrics": ["accuracy"]}
    columns = {"text": "sentence", "label": "label", "id": "key"}
    found = load_view(load_saved_task({**task, "columns": columns})).corrections
    assert (list(found.columns), found.id, found.labels) == (["sentence", "label"], "key", {"a": "0", "b": "1"})
