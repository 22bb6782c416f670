"""The page as a document: whole, well-formed, escaped, without requests, and the same for the same content."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from gemquad.report.content import PageContent, Pair
from gemquad.report.page import page
from gemquad.schema.results import (
    Decision,
    Delta,
    Diversity,
    GenerationCounts,
    GenerationSummary,
    Interval,
    KeptPairs,
    LanguageAudit,
    LanguageDiversity,
    LanguageGeneration,
    Overlap,
    OverlapExample,
    RoundResult,
    Score,
    SilverCounts,
    SystemScores,
)
from gemquad.tasks.loading import load_saved_task
from gemquad.views.loading import load_view
from gemquad.views.task_view import PublishedDelta

SECTIONS = [
    "result",
    "rounds",
    "samples",
    "comparisons",
    "paper",
    "audit",
    "transfer",
    "sweeps",
    "cost",
    "diversity",
    "leaks",
    "data",
    "pairs",
]
ABSENT_WITHOUT_DATA = {"paper", "sweeps", "diversity"}
TASK = load_saved_task({"name": "reading", "kind": "extractive_qa"})
COLUMNS = {"text": "text", "second": "other", "label": "label"}
CLASSES = load_saved_task(
    {
        "name": "captions",
        "kind": "pair_classification",
        "labels": {"entailment": "0", "contradiction": "1", "neutral": "2"},
        "columns": COLUMNS,
        "metrics": ["accuracy"],
    }
)
NUMBERS = load_saved_task(
    {
        "name": "likeness",
        "kind": "pair_similarity",
        "range": [0, 5],
        "columns": COLUMNS,
        "metrics": ["pearson", "spearman"],
    }
)
CARD = {"name": "xquad", "language": "es", "licence": "CC BY-SA 4.0", "citation": "@article{<b>}", "kept": 1190}
HOSTILE = "🎉 </script><img src=x onerror=\"document.title='owned'\"> Ana vive en Lima 👩‍👩‍👧 & en Cusco."


def estimate(value: float) -> Interval:
    return Interval(value, value - 4.0, value + 4.0)


def score(first: float, task: Any = TASK) -> Score:
    """The task's metrics, each 10 under the one before."""
    groups = 51 if task is TASK else 153
    metrics = {metric.name: estimate(first - 10 * i) for i, metric in enumerate(task.metrics)}
    return Score(153, groups, metrics)


def system(name: str, first: float, description: str = "", **updates: int) -> SystemScores:
    scores = {"dev": {"es": score(first + 2)}, "test": {"es": score(first), "de": score(first + 1)}}
    return SystemScores(name, description, [13], updates or {"gold": 1320}, scores)


def labelled_system(name: str, first: float, task: Any, **updates: int) -> SystemScores:
    """One language, and as many updates as are given."""
    scores = {split: {"ja": score(first, task)} for split in ("dev", "test")}
    return replace(system(name, first), updates=updates, scores=scores)


def delta(name: str, against: str, metric: str, value: float, low: float, high: float, language: str = "es") -> Delta:
    where = {"system": name, "against": against, "split": "test", "language": language, "metric": metric}
    return Delta(**where, value=value, low=low, high=high, seeds=[13], holds_zero=low <= 0 <= high)


def pair(number: int = 0, **changes: object) -> Pair:
    lines = [("question", f"¿Dónde vive Ana, {number}?")]
    answer = {"answer": "Lima", "start": HOSTILE.index("Lima")}
    judged = {"round": 1, **answer, "confidence": 0.5, "agreement": 1.0, "kept": True, "why": "it agrees"}
    fields = {"id": f"es-{number}", "language": "es", "lines": lines, "passage": 0, **answer, "rounds": [judged]}
    return {**fields, **changes}


def labelled_pair(number: int, **changes: object) -> Pair:
    """Two texts of a class, without a passage; the labeler always says "neutral"."""
    lines = [("text", f"犬が走る、{number}"), ("second text", "動物がいる")]
    label = CLASSES.classes[number % 3]
    judged = {"round": 1, "answer": "neutral", "start": -1, "confidence": 0.5, "agreement": float(label == "neutral")}
    judged = {**judged, "kept": label == "neutral", "why": ""}
    where = {"passage": None, "answer": label, "start": -1, "rounds": [judged]}
    return {"id": f"ja-{number}", "language": "ja", "lines": lines, **where, **changes}


def diversity(texts: int, distinct_1: float | None) -> Diversity:
    return Diversity(texts, distinct_1, distinct_2=0.5, distinct_3=0.75, self_similarity=0.25, nearest=None)


def generation(
    language: str, counts: GenerationCounts, facts: dict[str, float], warnings: list[str]
) -> GenerationSummary:
    """One language, which is all."""
    own = LanguageGeneration(**asdict(counts), facts=facts, warnings=warnings)
    return GenerationSummary("abc", {language: own}, counts, {"backend": "transformers"})


def content(**changes: object) -> PageContent:
    corrupted = {"wrong_sentence": KeptPairs(30, 3)}
    audited = LanguageAudit(KeptPairs(120, 60), corrupted, Interval(0.8, 0.7, 0.9), recall=None, clean_share=0.5)
    counts = GenerationCounts(40, {"ok": 30, "unfinished": 10}, 20, 900, 400, 0, 0.5, 0.025)
    full = PageContent(
        name="reading, es, seed 13",
        metrics=TASK.metrics,
        terms=load_view(TASK).terms,
        settings={"student": "gemma-3-270m"},
        systems=[system("baseline", 58.5), system("round-1", 60.9), system("unfiltered", 55.0, "every synthetic pair")],
        deltas=[
            delta("round-1", "baseline", "f1", 2.4, -1.0, 5.8),
            delta("round-1", "baseline", "exact_match", 6.5, 1.2, 11.8),
            delta("round-1", "unfiltered", "f1", 5.9, 0.4, 11.0),
        ],
        trained=["es"],
        rounds={0: {}, 1: {"es": SilverCounts(20, 5, 4)}},
        decision=Decision(
            True,
            "round 1: the only round (stopping.max_rounds)",
            [RoundResult(0, 60.5), RoundResult(1, 62.9, 20, 5, 4)],
        ),
        best="round-1",
        generation=generation("es", counts, {"extractive_share": 1.0}, ["nothing is asked about Cusco"]),
        audit={1: {"es": audited}},
        overlaps=[
            Overlap("gold-test", (300, 51), 0, 0, alike=3, parallel=0, allowed=False, examples=()),
            Overlap(
                "passages-test",
                (1200, 51),
                identical=1,
                near=1,
                alike=0,
                parallel=0,
                allowed=True,
                examples=(OverlapExample(("a.json", "b.json"), ("El puerto", "El puerto")),),
            ),
        ],
        diversity={"es": LanguageDiversity({"all": diversity(20, 0.25)}, None, {})},
        paper=[PublishedDelta("es", "f1", "baseline", 3.81), PublishedDelta("es", "f1", "translated", 0.82)],
        sources=[source("test-es", hub=CARD), source("dev-es", hub=dict(CARD))],
        passages=[HOSTILE],
        pairs=[pair(0), pair(1)],
        pairs_total=10,
        experiments=[{"name": "calm-otter", "changed": {"stopping.patience": 2}, "scores": {"f1_es": 59.2}}],
    )
    return replace(full, **changes)


def labelled(task: Any, first: float, **changes: object) -> PageContent:
    """A run over labelled texts, whose systems stand beside prompting; the round gains 2.4 by every metric."""
    systems = [
        labelled_system("baseline", first, task, gold=100),
        labelled_system("round-1", first + 2.4, task, silver=50, gold=100),
        labelled_system("synthetic_alone", first - 9, task, synthetic=150),
        labelled_system("zero_shot_llm", first - 20, task),
    ]
    prompted = {"round-1": 22.4, "synthetic_alone": 11.0}
    measured = [("round-1", "baseline", 2.4), *((name, "zero_shot_llm", gain) for name, gain in prompted.items())]
    counts = GenerationCounts(9, {"ok": 9}, 6, 90, 30, 0, 0.0, 0.0)
    changes = {
        "name": f"{task.name}, ja, seed 13",
        "metrics": task.metrics,
        "terms": load_view(task).terms,
        "systems": systems,
        "deltas": [
            delta(system, against, metric.name, gain, gain - 1, gain + 1, "ja")
            for system, against, gain in measured
            for metric in task.metrics
        ],
        "trained": ["ja"],
        "rounds": {0: {}, 1: {"ja": SilverCounts(6, 2, 2)}},
        "generation": generation("ja", counts, {"label_neutral": 6}, []),
        "audit": {},
        "overlaps": content().overlaps[:1],
        "diversity": {},
        "paper": [],
        "passages": [],
        "pairs": [labelled_pair(i) for i in range(6)],
        "pairs_total": 6,
        "experiments": [],
        **changes,
    }
    return content(**changes)


def bare() -> PageContent:
    """A run that trained nothing but a baseline, for which nothing else was measured."""
    return PageContent(
        name="bare",
        metrics=TASK.metrics,
        terms=load_view(TASK).terms,
        settings={},
        systems=[system("baseline", 58.5)],
        deltas=[],
        trained=["es"],
        rounds={0: {}},
        decision=Decision(True, "round 1: no silver", [RoundResult(0, 60.5)]),
        best="baseline",
        generation=GenerationSummary("", {}, GenerationCounts(0, {}, 0, 0, 0, 0, 0.0, 0.0), {}),
    )


def source(key: str, **changes: object) -> Any:
    return {"key": key, "role": key[:-3], "language": key[-2:], "path": f"data/{key}.json", "hub": None, **changes}


class Document(HTMLParser):
    """What a browser would make of the page: elements with attributes, text by element and section, rows of tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.widths: list[set[int]] = []
        self.raw: dict[str, str] = {}
        self.sections: dict[str, str] = {}
        self._open: list[str] = []
        self._section = self._raw = ""
        self._width = 0
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.elements.append((tag, found))
        if tag not in ("meta", "input"):
            self._open.append(tag)
        if tag == "section":
            self._section = found["id"] or ""
        elif tag in ("script", "style"):
            self._raw = found.get("id") or tag
        elif tag == "table":
            self.tables.append([])
            self.widths.append(set())
        elif tag == "tr":
            self.tables[-1].append([])
            self._width = 0
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._width += int(found.get("colspan") or 1)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "section":
            self._section = ""
        elif tag == "tr":
            self.widths[-1].add(self._width)

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("script", "style"):
            self.raw[self._raw] = self.raw.get(self._raw, "") + data
            return
        self.sections[self._section] = self.sections.get(self._section, "") + data + " "
        if {"td", "th"} & set(self._open):
            self.tables[-1][-1][-1] += data

    @property
    def text(self) -> str:
        """Everything that is read, in one line."""
        return " ".join(" ".join(self.sections.values()).split())

    def named(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.elements if name == tag)

    def row(self, *beginning: str) -> list[str]:
        """The first row whose first cells begin so."""
        rows = (row for table in self.tables for row in table)
        return next(r for r in rows if len(r) >= len(beginning) and all(map(str.startswith, r, beginning)))


@pytest.fixture(scope="module")
def document() -> Document:
    return Document(page(content()))


def test_every_section_is_there_and_in_the_contents(document: Document) -> None:
    assert [section["id"] for section in document.named("section")] == SECTIONS
    links = [anchor["href"] for anchor in document.named("a")]
    assert links == ["#main", *(f"#{name}" for name in SECTIONS)]


def test_the_document_is_well_formed(document: Document) -> None:
    ids = [attributes["id"] for _, attributes in document.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert all(len(widths) == 1 for widths in document.widths)
    assert next(document.named("html"))["lang"] == "en"


def test_the_result_is_said_in_words(document: Document) -> None:
    said = " ".join(document.sections[""].split())
    assert "Should you ship this student? Yes, ship round 1 Round 1 was selected on dev." in said
    evidence = "Round 1 minus baseline on 153 test questions: +2.4 F1 (−1.0 to +5.8) n.s. and +6.5 EM (+1.2 to +11.8)."
    assert f"Spanish: Yes: clear gain in EM {evidence}" in said
    assert "reading, es, seed 13" in said and "gemma-3-270m" in said


def test_the_headline_table_shows_scores_gains_and_silver(document: Document) -> None:
    row = document.row("round 1 selected", "62.9")
    assert row[:5] == ["round 1 selected", "62.958.9–66.9", "52.948.9–56.9", "60.956.9–64.9", "50.946.9–54.9"]
    assert row[5:] == ["+2.4 n.s.−1.0 to +5.8", "+6.5+1.2 to +11.8", "5 of 20 (25.0%)"]


def test_all_languages_together_are_shown_before_each() -> None:
    scores = {split: {language: score(60.0) for language in ("es", "hi", "all")} for split in ("dev", "test")}
    systems = [replace(system(name, 60.0), scores=scores) for name in ("baseline", "round-1")]
    gained = [delta("round-1", "baseline", "f1", 2.0, -1.6, 5.6, language) for language in ("all", "es", "hi")]
    silver = {0: {}, 1: {"es": SilverCounts(20, 5, 4), "hi": SilverCounts(10, 1, 1)}}
    found = Document(page(content(trained=["es", "hi"], systems=systems, deltas=gained, rounds=silver)))
    table = found.tables[0]
    assert [row[0].split(" · ")[0] for row in table if len(row) == 1] == ["All languages", "Spanish", "Hindi"]
    assert table[3][-1] == "6 of 30 (20.0%)"
    assert "All languages: Not enough evidence" in found.text and "Why, and what would settle it" in found.text
    assert "dvc exp run -S ++data.languages.es.test=FILE -S ++data.languages.hi.test=FILE" in found.text
    assert "All languages" not in found.sections["transfer"] and "Allar" not in found.text


def test_what_was_predicted_of_an_interval_stands_below_it() -> None:
    gained = replace(delta("round-1", "baseline", "f1", 2.4, -1.0, 5.8), predicted=3.14)
    row = Document(page(content(deltas=[gained]))).row("round 1 selected", "62.9")
    assert row[5] == "+2.4 n.s.−1.0 to +5.8predicted ±3.1, found ±3.4"


def test_a_gain_whose_interval_holds_0_is_marked_in_words(document: Document) -> None:
    marked = {cell for table in document.tables for row in table for cell in row if "n.s." in cell}
    assert marked == {"+2.4 n.s.−1.0 to +5.8"}
    assert "n.s. (not significant)" in " ".join(document.sections["result"].split())


def test_systems_state_their_budgets_and_differences(document: Document) -> None:
    assert document.row("unfiltered", "every") == ["unfiltered", "every synthetic pair", "gold 1,320", "1,320", "13"]
    assert document.row("round 1 − unfiltered") == ["round 1 − unfiltered", "+5.9+0.4 to +11.0", "–"]


def test_the_paper_stands_beside_ours(document: Document) -> None:
    assert document.row("Spanish, F1", "+3.81") == ["Spanish, F1", "+3.81", "+2.4 n.s.−1.0 to +5.8"]
    assert document.row("Spanish, F1", "+0.82") == ["Spanish, F1", "+0.82", "not compared"]


def test_the_audit_tells_precision_and_what_was_kept(document: Document) -> None:
    section = " ".join(document.sections["audit"].split())
    assert document.row("clean", "50.0%") == ["clean", "50.0% (60 of 120)"]
    assert document.row("wrong sentence") == ["wrong sentence", "10.0% (3 of 30)"]
    assert document.row("round 1", "50.0") == ["round 1", "50.0", "80.070.0–90.0", "–"] and "precision, %" in section


def test_transfer_covers_languages_that_were_not_trained_on(document: Document) -> None:
    assert "German · not trained on · 153 questions" in document.sections["transfer"]
    assert document.row("baseline", "59.5") == ["baseline", "59.555.5–63.5", "49.545.5–53.5", "–", "–"]


def test_leaks_sources_and_cost(document: Document) -> None:
    assert document.row("gold and test") == ["gold and test", "300 × 51", "0", "0", "0", "nothing shared"]
    assert document.row("passages and test") == ["passages and test", "1,200 × 51", "1", "1", "0", "allowed by name"]
    assert "El puerto…" in document.sections["leaks"]
    data = " ".join(document.sections["data"].split())
    assert data.count("xquad, Spanish · CC BY-SA 4.0") == 1 and "kept 1,190 @article{<b>}" in data
    assert document.row("test-es") == ["test-es", "test", "es", "data/test-es.json"]
    cost = " ".join(document.sections["cost"].split())
    assert document.row("Spanish", "40")[:3] == ["Spanish", "40", "20"]
    assert document.row("extractive") == ["extractive", "100.0%"]
    assert "Spanish: nothing is asked about Cusco" in cost and "unfinished 10 (25.0%)" in cost


def test_classes_are_counted_and_those_that_are_missing_are_named() -> None:
    files = [source("gold-ja"), source("test-ja")]
    counted = [{"labels": {"neutral": 7, "entailment": 1200}, "missing_labels": []}, {"labels": {"neutral": 3}}]
    files = [{**file, **labels} for file, labels in zip(files, counted, strict=True)]
    document = Document(page(content(sources=[*files, {**files[1], "key": "dev-ja", "missing_labels": ["other"]}])))
    assert document.row("label", "gold-ja") == ["label", "gold-ja", "test-ja", "dev-ja"]
    assert document.row("entailment") == ["entailment", "1,200", "0", "0"]
    assert document.row("other", "0") == ["other", "0", "0", "0"]
    assert "dev-ja: no example of 'other'" in " ".join(document.sections["data"].split())


def test_diversity_shows_whole_sets_and_sets_of_one_size() -> None:
    sets = {"all": diversity(1200, 0.125), "with task words": diversity(700, 0.25), "without": diversity(500, 0.2)}
    equal = {"with task words": diversity(500, 0.3), "without": diversity(500, 0.2)}
    found = {"ja": LanguageDiversity(sets, 500, equal), **content().diversity}
    document = Document(page(content(diversity=found)))
    assert document.row("all", "1,200") == ["all", "1,200", "0.125", "0.500", "0.750", "0.250", "–"]
    assert document.row("with task words", "500")[2] == "0.300"
    assert document.row("all", "20")[2] == "0.250"
    assert "Japanese · 500 texts of each, to be compared" in document.sections["diversity"]
    assert "Spanish ·" not in document.sections["diversity"]


def test_a_task_with_one_metric_reads_without_gaps() -> None:
    document = Document(page(labelled(CLASSES, 61.0)))
    header = document.row("system", "dev accuracy")
    assert header[:4] == ["system", "dev accuracy", "test accuracy", "gain accuracy"] and header[-1] == "silver"
    row = document.row("round 1 selected", "63.4")
    assert row == ["round 1 selected", "63.459.4–67.4", "63.459.4–67.4", "+2.4+1.4 to +3.4", "2 of 6 (33.3%)"]
    assert "Accuracy by round" in document.text and "Japanese · dev: 153 examples · test: 153 examples" in document.text
    assert "Round 1 minus baseline on 153 test examples: +2.4 accuracy (+1.4 to +3.4)." in document.text
    assert all(len(widths) == 1 for widths in document.widths)


@pytest.mark.parametrize("task", [CLASSES, NUMBERS])
def test_nothing_on_the_page_speaks_of_another_task(task: Any) -> None:
    text = Document(page(labelled(task, 61.0, audit=content().audit))).text
    assert not re.findall(r"\bF1\b|\bEM\b|\S*question\S*|\S*passage\S*", text, re.IGNORECASE)
    assert (
        f"No {load_view(task).terms.group} may stand in two roles" in text
        and f"Every dev {load_view(task).terms.example} is put" in text
    )


def test_correlations_may_be_negative() -> None:
    document = Document(page(labelled(NUMBERS, -6.0)))
    assert document.row("system", "dev Pearson")[:3] == ["system", "dev Pearson", "dev Spearman"]
    assert document.row("baseline", "−6.0")[1:3] == ["−6.0−10.0 to −2.0", "−16.0−20.0 to −12.0"]
    assert "Pearson and Spearman by round" in document.text and "153 examples" in document.text
    chart = document.sections["rounds"]
    assert "−20" in chart and "-" not in re.sub(r"zero-shot|[a-z]-[a-z]", "", chart)


def test_systems_that_are_prompted_have_no_updates_and_a_table_of_their_own() -> None:
    document = Document(page(labelled(CLASSES, 61.0)))
    assert document.row("baseline", "gold alone")[1:4] == ["gold alone", "gold 100", "100"]
    assert document.row("round 1 selected", "silver")[1] == "silver, then gold"
    prompted = ["LLM prompted, zero-shot", "–", "prompted, not trained", "–", "13"]
    assert document.row("LLM prompted, zero-shot", "–") == prompted
    assert "Against prompting a language model" in document.sections["comparisons"]
    assert document.row("synthetic alone − LLM prompted, zero-shot")[1] == "+11.0+10.0 to +12.0"
    assert "The method against" not in document.sections["comparisons"]


def test_classes_can_be_filtered_and_spans_cannot() -> None:
    def filters(shown: PageContent) -> list[str | None]:
        return [select["id"] for select in Document(page(shown)).named("select")]

    assert "pair-answer" in filters(labelled(CLASSES, 61.0))
    assert "pair-answer" not in filters(content(pairs=[pair(i, answer=f"Lima {i}") for i in range(9)]))
    assert "pair-answer" not in filters(content(pairs=[pair(i, answer=f"Lima {i // 2}") for i in range(42)]))


def test_a_sample_of_pairs_says_so(document: Document) -> None:
    assert "This page holds a sample: 2 of 10 synthetic pairs." in document.sections["pairs"]


def test_nothing_of_the_data_becomes_markup() -> None:
    text = page(content(name="<b-x>", settings={"<u>": '"><u>'}, sources=[source("<u>-es", path='"><img src=x>')]))
    document = Document(text)
    assert json.loads(document.raw["pair-data"])["passages"] == [HOSTILE]
    assert {"img", "u", "b-x"}.isdisjoint(name for name, _ in document.elements)
    assert document.raw.keys() == {"style", "script", "pair-data"}


def test_the_page_asks_the_network_for_nothing(document: Document) -> None:
    for _, attributes in document.elements:
        assert {"src", "srcset", "action", "data", "poster"}.isdisjoint(attributes)
        assert all(str(attributes.get(name, "#")).startswith("#") for name in ("href", "xlink:href"))
        assert not any(name.startswith("on") for name in attributes)
        assert not re.search(r"url\((?!#)", str(attributes))
    assert not re.search(r"url\(|@import", document.raw["style"])
    assert not re.search(r"fetch\(|XMLHttpRequest|import\(|WebSocket|https?://", document.raw["script"])


def test_the_policy_names_the_script_and_nothing_else(document: Document) -> None:
    digest = base64.b64encode(hashlib.sha256(document.raw["script"].encode()).digest()).decode()
    policy = next(m["content"] for m in document.named("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def test_an_empty_run_says_what_is_missing() -> None:
    document = Document(page(bare()))
    assert [section["id"] for section in document.named("section")] == [
        s for s in SECTIONS if s not in ABSENT_WITHOUT_DATA
    ]
    assert "No round was trained, so the baseline stands alone." in document.sections[""]
    expected = {
        "samples": "No round has filtered candidates.",
        "comparisons": "No system beside the rounds was trained.",
        "audit": "The filter has not been audited.",
        "cost": "Nothing was generated.",
        "leaks": "No comparison of passages was recorded.",
        "data": "The data are local files; their licences are those of the files.",
        "pairs": "There are no synthetic pairs.",
    }
    for name, sentence in expected.items():
        assert document.sections[name].strip().endswith(sentence)


def test_the_same_content_gives_the_same_text() -> None:
    program = "from test_page import content, page; import sys; sys.stdout.buffer.write(page(content()).encode())"
    texts = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=Path(__file__).parent,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert texts[0] == texts[1] == page(content()).encode()
