"""The page in a real browser, opened from a file with the network off."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gemquad.report.page import page
from test_page import CLASSES, HOSTILE, content, labelled, pair, source

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ARABIC = "تأسست مدينة بغداد سنة 762 على يد الخليفة أبي جعفر المنصور."

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")


def browsed() -> Any:
    """120 pairs in Spanish, every third dropped and one of them kept later, and one in Arabic."""
    pairs = [pair(i) for i in range(120)]
    for i, entry in enumerate(pairs):
        judged = {**entry["rounds"][0], "kept": i % 3 != 0, "why": "" if i % 3 else "agreement 0.10"}
        pairs[i] = {**entry, "rounds": [judged]}
    later = {**pairs[3]["rounds"][0], "round": 2, "kept": True, "answer": "Ana", "start": HOSTILE.index("Ana")}
    pairs[3] = {**pairs[3], "rounds": [*pairs[3]["rounds"], later]}
    answer = "الخليفة أبي جعفر المنصور"
    lines = [("question", "من أسس بغداد؟")]
    arabic = {"language": "ar", "passage": 1, "lines": lines, "answer": answer, "rounds": [], "why": "for no reason"}
    pairs.append(pair(120, **arabic, start=ARABIC.index(answer)))
    sweep = [{"name": n, "changed": {"seed": s}, "scores": {"f1": f}} for n, s, f in (("a", 9, 5.0), ("b", 10, 4.0))]
    return replace(content(), pairs=pairs, pairs_total=121, passages=[HOSTILE, ARABIC], experiments=sweep)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    file: Path = tmp_path_factory.mktemp("report") / "index.html"
    file.write_text(page(browsed()), encoding="utf-8")
    return file.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    made = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light", offline=True)
    yield made
    made.close()


@pytest.fixture
def tab(context: Any, address: str) -> Iterator[Any]:
    with watched(context, address) as opened:
        yield opened


@contextmanager
def watched(context: Any, address: str) -> Iterator[Any]:
    """The page, open; at the end no error and no request but the page itself."""
    opened, errors, requests = context.new_page(), [], []
    opened.on("console", lambda message: errors.append(message.text))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("request", lambda request: requests.append(request.url))
    opened.goto(address)
    yield opened
    assert errors == []
    assert set(requests) == {address}


def count(tab: Any) -> str:
    return str(tab.inner_text("#pair-count"))


def test_fifty_pairs_at_a_time_and_more_on_demand_by_keyboard(tab: Any) -> None:
    assert count(tab) == "Showing 50 of 121 matching pairs."
    tab.focus("#pair-more")
    tab.keyboard.press("Enter")
    assert count(tab) == "Showing 100 of 121 matching pairs."
    assert tab.evaluate("[...document.activeElement.parentNode.children].indexOf(document.activeElement)") == 50
    assert tab.inner_text("#pair-more") == "Show 21 more"
    tab.click("#pair-more")
    assert tab.locator("#pair-list > li").count() == 121
    assert tab.is_hidden("#pair-more")


def test_search_narrows_without_regard_to_case_and_accents(tab: Any) -> None:
    tab.fill("#pair-search", "donde ANA, 11")
    assert count(tab) == "Showing 11 of 11 matching pairs."  # 11 and 110 to 119
    tab.fill("#pair-search", "بغداد")
    assert count(tab) == "Showing 1 of 1 matching pairs."
    tab.fill("#pair-search", "nothing like it")
    assert count(tab) == "No pair matches. Clear the search or a filter."
    tab.keyboard.press("Enter")
    assert tab.evaluate("location.search") == ""


def test_filters_narrow(tab: Any) -> None:
    tab.select_option("#pair-outcome", "dropped")
    assert count(tab) == "Showing 39 of 39 matching pairs."
    tab.select_option("#pair-round", "1")
    assert count(tab) == "Showing 40 of 40 matching pairs."
    tab.select_option("#pair-round", "2")
    assert count(tab) == "No pair matches. Clear the search or a filter."
    tab.select_option("#pair-outcome", "changed")
    assert count(tab) == "Showing 1 of 1 matching pairs."
    assert "round 1 dropped · round 2 kept" in tab.inner_text("#pair-list")
    tab.select_option("#pair-round", "")
    tab.select_option("#pair-outcome", "")
    tab.select_option("#pair-language", "ar")
    assert count(tab) == "Showing 1 of 1 matching pairs."


def test_answers_are_marked_where_they_stand_behind_characters_outside_the_basic_plane(tab: Any) -> None:
    tab.fill("#pair-search", "es-3")
    card = tab.locator("#pair-list > li").first
    assert card.locator(".passage").inner_text() == HOSTILE
    assert card.locator(".passage mark.generator").all_inner_texts() == ["Lima"]
    assert card.locator(".passage mark.labeler").all_inner_texts() == ["Ana"]
    tab.select_option("#pair-round", "1")
    assert card.locator(".passage mark").get_attribute("class") == "generator labeler"


def test_text_of_the_data_stays_text(tab: Any) -> None:
    assert tab.locator("img").count() == 0
    assert tab.title() == "GeMQuAD: reading, es, seed 13"


ATTACKS = [
    "<script>owned = 1</script>",
    "</script><script>owned = 1</script>",
    '"><img src=x onerror="owned = 1">',
    "{{ 7 * 7 }}",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_of_a_hostile_run_becomes_markup_asks_the_network_or_runs(
    browser: Any, tmp_path: Path, attack: str, scheme: str, width: int
) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(page(hostile(attack)), encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, offline=True)
    with watched(context, file.as_uri()) as tab:
        tab.wait_for_selector("#pair-list > li")
        assert tab.evaluate("typeof owned") == "undefined"
        assert tab.locator("img").count() == 0 and tab.locator("script").count() == 2
        assert attack in tab.inner_text("#pair-list") and attack in tab.inner_text("#data")
        assert attack in tab.inner_text("#comparisons") and attack in tab.inner_text("#sweeps")
        assert tab.evaluate("document.documentElement.scrollWidth") == width
    context.close()


def hostile(attack: str) -> Any:
    """A run whose passages, answers, labels, files, languages, systems and experiments are all called so."""
    base = labelled(CLASSES, 61.0)
    judged = {**pair()["rounds"][0], "answer": attack, "why": attack}
    entry = pair(passage=0, answer=attack, lines=[(attack, attack)], rounds=[judged], start=0)
    pairs = [entry, {**entry, "id": attack, "language": attack}]
    card = {"name": attack, "language": attack, "licence": attack, "citation": attack}
    sources = [source("test-ja", path=attack, hub=card, labels={attack: 1}, missing_labels=[attack])]
    first, *others = base.systems
    systems = [*(replace(one, description=attack) for one in (first, *others[:-1])), replace(others[-1], system=attack)]
    return replace(
        base,
        name=attack,
        settings={attack: attack},
        systems=systems,
        deltas=[replace(d, against=attack) if d.against == "zero_shot_llm" else d for d in base.deltas],
        passages=[attack],
        pairs=pairs,
        sources=sources,
        experiments=[{"name": attack, "changed": {attack: attack}, "scores": {attack: attack}, "stopped": attack}],
    )


def test_arabic_runs_from_right_to_left(tab: Any) -> None:
    tab.select_option("#pair-language", "ar")
    for part in (".asked", ".passage", ".answers mark"):
        element = tab.locator(f"#pair-list {part}").first
        assert element.evaluate("node => getComputedStyle(node).direction") == "rtl"
        assert element.get_attribute("lang") == "ar"
    assert "not judged: for no reason" in tab.inner_text("#pair-list")


@pytest.fixture
def classes(context: Any, tmp_path: Path) -> Any:
    """The page of a task whose pairs have two texts, a class and no passage."""
    file = tmp_path / "classes.html"
    file.write_text(page(labelled(CLASSES, 61.0)), encoding="utf-8")
    opened = context.new_page()
    opened.goto(file.as_uri())
    return opened


def test_pairs_without_a_passage_show_their_texts_by_name(classes: Any) -> None:
    classes.fill("#pair-search", "ja-1")
    card = classes.locator("#pair-list > li")
    assert card.locator("dt").all_inner_texts() == ["text", "second text", "generator", "labeler, round 1"]
    assert card.locator("dd").all_inner_texts()[:3] == ["犬が走る、1", "動物がいる", "contradiction"]
    assert "neutral" in card.locator("dd").nth(3).inner_text()
    assert "dropped: agreement 0.00 · confidence 0.50" in card.locator("dd").nth(3).inner_text()
    assert card.locator("[lang=ja]").all_inner_texts() == ["犬が走る、1", "動物がいる"]
    assert card.locator(".passage").count() == 0


def test_search_and_filter_by_class(classes: Any) -> None:
    classes.fill("#pair-search", "動物")
    assert count(classes) == "Showing 6 of 6 matching pairs."
    classes.select_option("#pair-answer", "neutral")
    assert count(classes) == "Showing 2 of 2 matching pairs."
    assert classes.locator("#pair-answer option").all_inner_texts()[1] == "contradiction (2)"


CONTRAST = """selector => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const luminance = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255);
    const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const node = document.querySelector(selector);
  const isClear = (element) => getComputedStyle(element).backgroundColor === "rgba(0, 0, 0, 0)";
  let behind = node;
  while (isClear(behind) && behind.parentElement) behind = behind.parentElement;
  const ink = getComputedStyle(node);
  const [dark, light] = [node instanceof SVGElement ? ink.fill : ink.color, getComputedStyle(behind).backgroundColor]
    .map(luminance)
    .sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}"""
WORDS = [
    "h1",
    ".lead",
    ".note",
    "nav a",
    ".selected .tag",
    ".selected .interval",
    "abbr",
    "mark.generator",
    ".verdict.kept",
    ".verdict.dropped",
    ".label-1",
    "svg text",
]


def test_both_themes_are_legible_and_the_choice_stays(tab: Any) -> None:
    background = "getComputedStyle(document.documentElement).backgroundColor"
    for theme, paper in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 24, 29)")):
        assert tab.evaluate(background) == paper
        assert {word: tab.evaluate(CONTRAST, word) >= 4.5 for word in WORDS} == dict.fromkeys(WORDS, True), theme
        tab.click("#theme")
    tab.click("#theme")
    assert tab.inner_text("#theme") == "Light theme"
    tab.reload()
    assert tab.evaluate(background) == "rgb(20, 24, 29)"


def test_the_system_decides_until_the_reader_does(browser: Any, address: str) -> None:
    context = browser.new_context(color_scheme="dark", offline=True)
    tab = context.new_page()
    tab.goto(address)
    assert tab.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(20, 24, 29)"
    context.close()


def test_a_page_without_storage_works_all_the_same(context: Any, tab: Any) -> None:
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied'); } })"
    )
    tab.reload()
    tab.click("#theme")
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    assert count(tab) == "Showing 50 of 121 matching pairs."


def test_a_phone_never_scrolls_sideways(tab: Any) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.evaluate("document.querySelectorAll('details').forEach((node) => (node.open = true))")
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    assert tab.locator("table").count() == tab.locator(".scroll > table").count()


def test_a_long_passage_shows_what_stands_around_the_answers(context: Any, tmp_path: Path) -> None:
    text = "palabra " * 60 + "Lima " + "otra " * 80
    start = text.index("Lima")
    judged = {**pair()["rounds"][0], "start": start}
    file = tmp_path / "long.html"
    file.write_text(page(content(passages=[text], pairs=[pair(start=start, rounds=[judged])])), encoding="utf-8")
    tab = context.new_page()
    tab.goto(file.as_uri())
    shown = tab.inner_text(".passage")
    assert shown.startswith("… palabra") and shown.endswith("otra … whole passage")
    assert len(shown) < 360 and "Lima" in shown
    tab.click(".passage button")
    assert tab.inner_text(".passage") == text.strip()


def test_sweeps_sort_by_number(tab: Any) -> None:
    first = "#sweeps tbody tr:first-child th"
    tab.click("#sweeps thead button:text('seed')")
    assert tab.inner_text(first) == "a"
    tab.click("#sweeps thead button:text('f1')")
    assert tab.inner_text(first) == "b"
    tab.click("#sweeps thead button:text('f1')")
    assert tab.inner_text(first) == "a"
    assert tab.get_attribute("#sweeps th[aria-sort]", "aria-sort") == "descending"


def test_everything_but_the_pairs_reads_without_scripts(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    tab = context.new_page()
    tab.goto(address)
    assert tab.is_visible("#result table") and tab.is_visible("#rounds svg")
    assert "Browsing the pairs needs JavaScript" in tab.inner_text("#pairs")
    assert tab.is_hidden("#theme")
    context.close()
