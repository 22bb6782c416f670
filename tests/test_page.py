"""The page as a document: whole, well-formed, escaped, without requests, and the same for the same content."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gemquad.report.content import Delta, Estimate, Metric, PageContent, Pair, Score, System
from gemquad.report.page import page

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
    "leaks",
    "data",
    "pairs",
]
HOSTILE = "🎉 </script><img src=x onerror=\"document.title='owned'\"> Ana vive en Lima 👩‍👩‍👧 & en Cusco."


def estimate(value: float) -> Estimate:
    return {"value": value, "low": value - 4.0, "high": value + 4.0}


def score(f1: float) -> Score:
    return {"questions": 153, "passages": 51, "f1": estimate(f1), "exact_match": estimate(f1 - 10)}


def system(name: str, f1: float, description: str = "") -> System:
    tested = {"es": score(f1), "de": score(f1 + 1)}
    scores = {"dev": {"es": score(f1 + 2)}, "test": tested}
    return {"system": name, "description": description, "seeds": [13], "updates": {"gold": 1320}, "scores": scores}


def delta(name: str, against: str, metric: Metric, value: float, low: float, high: float) -> Delta:
    where = {"system": name, "against": against, "split": "test", "language": "es", "metric": metric}
    return {**where, "value": value, "low": low, "high": high, "seeds": [13], "holds_zero": low <= 0 <= high}


def pair(number: int = 0, **changes: object) -> Pair:
    answers = {"question": f"¿Dónde vive Ana, {number}?", "answer": "Lima", "start": HOSTILE.index("Lima")}
    judged = {"round": 1, "start": answers["start"], "confidence": 0.5, "f1": 1.0, "kept": True, "why": "it agrees"}
    fields = {"id": f"es-{number}", "language": "es", "passage": 0, **answers, "rounds": [{**judged, "answer": "Lima"}]}
    return {**fields, **changes}


def content(**changes: object) -> PageContent:
    kept = {"pairs": 120, "kept": 60}
    audited = {"clean": kept, "corrupted": {"wrong_sentence": {"pairs": 30, "kept": 3}}, "clean_share": 0.5}
    counts = {"prompts": 40, "synthetic_pairs": 20, "extractive_share": 1.0, "outcomes": {"ok": 30, "unfinished": 10}}
    full = PageContent(
        name="extractive_qa, es, seed 13",
        settings={"student": "gemma-3-270m"},
        systems=[system("baseline", 58.5), system("round-1", 60.9), system("unfiltered", 55.0, "every synthetic pair")],
        deltas=[
            delta("round-1", "baseline", "f1", 2.4, -1.0, 5.8),
            delta("round-1", "baseline", "exact_match", 6.5, 1.2, 11.8),
            delta("round-1", "unfiltered", "f1", 5.9, 0.4, 11.0),
        ],
        trained=["es"],
        rounds=[{"round": 0, "silver": {}}, {"round": 1, "silver": {"es": {"synthetic": 20, "silver": 5, "new": 4}}}],
        decision={
            "stop": True,
            "reason": "round 1: stopping.max_rounds is reached",
            "history": [
                {"round": 0, "dev_score": 60.5, "synthetic": 0, "silver": 0, "new_silver": 0},
                {"round": 1, "dev_score": 62.9, "synthetic": 20, "silver": 5, "new_silver": 4},
            ],
        },
        best="round-1",
        generation={"languages": {"es": counts}, "total": counts, "generator": {"backend": "transformers"}},
        audit=[
            {"round": 1, "languages": {"es": {**audited, "precision": estimate(0.8), "recall": None}}},
        ],
        leaks=[
            {
                "roles": "gold-test",
                "compared": [300, 51],
                "identical": 0,
                "near": 0,
                "parallel": 0,
                "allowed": False,
                "examples": [],
            },
            {
                "roles": "passages-test",
                "compared": [1200, 51],
                "identical": 1,
                "near": 1,
                "parallel": 0,
                "allowed": True,
                "examples": [{"files": ["a.json", "b.json"], "beginnings": ["El puerto", "El puerto"]}],
            },
        ],
        paper=[
            {"language": "es", "metric": "f1", "against": "baseline", "value": 3.81},
            {"language": "es", "metric": "f1", "against": "translated", "value": 0.82},
        ],
        cards=2
        * [{"name": "xquad", "language": "es", "licence": "CC BY-SA 4.0", "citation": "@article{<b>}", "kept": 1190}],
        sources=[{"key": "test-es", "role": "test", "language": "es", "path": "data/test.es.json"}],
        passages=[HOSTILE],
        pairs=[pair(0), pair(1)],
        pairs_total=10,
        experiments=[{"name": "calm-otter", "changed": {"stopping.patience": 2}, "scores": {"f1_es": 59.2}}],
    )
    return replace(full, **changes)


def bare() -> PageContent:
    """A run that trained nothing but a baseline, for which nothing else was measured."""
    history = [{"round": 0, "dev_score": 60.5, "synthetic": 0, "silver": 0, "new_silver": 0}]
    return PageContent(
        name="bare",
        settings={},
        systems=[system("baseline", 58.5)],
        deltas=[],
        trained=["es"],
        rounds=[{"round": 0, "silver": {}}],
        decision={"stop": True, "reason": "round 1: no silver", "history": history},
        best="baseline",
        generation={},
    )


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
    assert "Round 1 was selected on dev." in said
    assert "On test it gains +2.4 F1 in Spanish (95% interval −1.0 to +5.8, which holds 0)." in said
    assert "extractive_qa, es, seed 13" in said and "gemma-3-270m" in said


def test_the_headline_table_shows_scores_gains_and_silver(document: Document) -> None:
    row = document.row("round 1 selected", "62.9")
    assert row[:5] == ["round 1 selected", "62.958.9–66.9", "52.948.9–56.9", "60.956.9–64.9", "50.946.9–54.9"]
    assert row[5:] == ["+2.4 n.s.−1.0 to +5.8", "", "+6.5+1.2 to +11.8", "5 of 20 (25.0%)"]


def test_a_gain_whose_interval_holds_0_is_marked_in_words(document: Document) -> None:
    marked = {cell for table in document.tables for row in table for cell in row if "n.s." in cell}
    assert marked == {"+2.4 n.s.−1.0 to +5.8"}
    assert "n.s. (not significant)" in " ".join(document.sections["result"].split())


def test_systems_state_their_budgets_and_differences(document: Document) -> None:
    assert document.row("unfiltered", "every") == ["unfiltered", "every synthetic pair", "gold 1,320", "1,320", "13"]
    assert "round 1 − unfiltered" in document.sections["comparisons"]
    assert document.row("Spanish", "+5.9")[1] == "+5.9+0.4 to +11.0"


def test_the_paper_stands_beside_ours(document: Document) -> None:
    assert document.row("Spanish, F1", "+3.81") == ["Spanish, F1", "+3.81", "+2.4 n.s.−1.0 to +5.8"]
    assert document.row("Spanish, F1", "+0.82") == ["Spanish, F1", "+0.82", "not compared"]


def test_the_audit_tells_precision_and_what_was_kept(document: Document) -> None:
    section = " ".join(document.sections["audit"].split())
    assert document.row("clean", "50.0%") == ["clean", "50.0% (60 of 120)"]
    assert document.row("wrong sentence") == ["wrong sentence", "10.0% (3 of 30)"]
    assert "80.0%" in section and "clean before" in section


def test_transfer_covers_languages_that_were_not_trained_on(document: Document) -> None:
    assert "German · not trained on · 153 questions" in document.sections["transfer"]
    assert document.row("F1", "59.5") == ["F1", "59.555.5–63.5", "61.957.9–65.9", "56.052.0–60.0"]


def test_leaks_sources_and_cost(document: Document) -> None:
    assert document.row("gold and test") == ["gold and test", "300 × 51", "0", "0", "0", "nothing shared"]
    assert document.row("passages and test") == ["passages and test", "1,200 × 51", "1", "1", "0", "allowed by name"]
    assert "El puerto…" in document.sections["leaks"]
    data = " ".join(document.sections["data"].split())
    assert data.count("xquad, Spanish · CC BY-SA 4.0") == 1 and "kept 1,190 @article{<b>}" in data
    assert document.row("test-es") == ["test-es", "test", "es", "data/test.es.json"]
    assert document.row("Spanish", "40")[:4] == ["Spanish", "40", "20", "100.0%"]
    assert "unfinished 10 (25.0%)" in " ".join(document.sections["cost"].split())


def test_a_sample_of_pairs_says_so(document: Document) -> None:
    assert "This page holds a sample: 2 of 10 synthetic pairs." in document.sections["pairs"]


def test_nothing_of_the_data_becomes_markup() -> None:
    text = page(content(name="<b>x</b>", settings={"<i>": '"><u>'}))
    document = Document(text)
    assert json.loads(document.raw["pair-data"])["passages"] == [HOSTILE]
    assert {"img", "i", "u"}.isdisjoint(name for name, _ in document.elements)
    assert document.raw.keys() == {"style", "script", "pair-data"}


def test_the_page_asks_the_network_for_nothing(document: Document) -> None:
    for _, attributes in document.elements:
        assert {"src", "srcset", "action", "data", "poster"}.isdisjoint(attributes)
        assert str(attributes.get("href", "#")).startswith("#")
    assert not re.search(r"url\(|@import", document.raw["style"])
    assert not re.search(r"fetch\(|XMLHttpRequest|import\(|WebSocket|https?://", document.raw["script"])


def test_the_policy_names_the_script_and_nothing_else(document: Document) -> None:
    digest = base64.b64encode(hashlib.sha256(document.raw["script"].encode()).digest()).decode()
    policy = next(m["content"] for m in document.named("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def test_an_empty_run_says_what_is_missing() -> None:
    document = Document(page(bare()))
    assert [section["id"] for section in document.named("section")] == [s for s in SECTIONS if s != "sweeps"]
    assert "No round was trained, so the baseline stands alone." in document.sections[""]
    expected = {
        "samples": "No round has filtered synthetic pairs.",
        "comparisons": "No system beside the rounds was trained.",
        "paper": "The paper reports nothing for these languages.",
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
