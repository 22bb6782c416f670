from collections import Counter
from collections.abc import Sequence

import pytest

from conftest import question
from gemquad.params import Filter
from gemquad.rounds.audit import Probe, audit, probes, summarise
from gemquad.rounds.corruption import CORRUPTIONS
from gemquad.schema import AuditedPair, Question, SyntheticPair
from gemquad.scoring.qa import exact_match
from gemquad.student.inference import Answer
from gemquad.tasks.extractive_qa import ExtractiveQA

RULE = Filter(agreement="f1", min_f1=0.8, min_confidence=0.0, mode="reselect")
NAMES = ["Ana", "Eva", "Luz", "Pía", "Sol", "Inés", "Olga", "Rut"]


def gold(language: str, passage: str) -> list[Question]:
    """Two questions about each of eight passages; a question holds its answer as its last word."""
    found = []
    for number, name in enumerate(NAMES):
        text = passage.format(name=name, place=f"{name}landia", year=1900 + number)
        for answer in (f"{name}landia", str(1900 + number)):
            found.append(
                question(text, answer, language=language, id=f"{name}-{answer}", question=f"¿{name} {answer}?")
            )
    return found


SPANISH = gold(
    "es", "La señora {name} nació en {place} junto al mar. La casa de su familia ardió en {year} por un rayo."
)
HINDI = gold("hi", "श्रीमती {name} का जन्म {place} में समुद्र के पास हुआ। उनके परिवार का घर {year} में बिजली से जल गया।")
JAPANESE = gold(
    "ja", "{name}さんは、海の近くの、静かな町、{place}で生まれた。家族の家は、嵐の夜に、雷に打たれ、{year}年に焼けた。"
)
ALL = [*SPANISH, *HINDI, *JAPANESE]


def always_right(pairs: Sequence[SyntheticPair]) -> list[Answer]:
    """A labeler that knows gold: the answer stands in its question."""
    answers = [pair.question[1:-1].split()[-1] for pair in pairs]
    return [Answer(text, pair.passage.find(text), 0.9) for pair, text in zip(pairs, answers, strict=True)]


def test_every_question_becomes_a_clean_and_a_corrupted_pair_of_each_kind_equally_often() -> None:
    found = probes(ALL, seed=13)
    for language in ("es", "hi", "ja"):
        kinds = Counter(probe.corruption for probe in found if probe.pair.language == language)
        assert kinds == {"": 16, **dict.fromkeys(CORRUPTIONS, 4)}
    assert len({probe.pair.id for probe in found[:32]}) == 32
    assert [probe.pair.question for probe in found[::2]] == [q.question for q in ALL]


def test_pairs_are_aligned_and_corrupted_ones_are_wrong() -> None:
    right = {(q.language, q.question): q.answers[0] for q in ALL}
    for probe in probes(ALL, seed=13):
        pair = probe.pair
        assert pair.passage[pair.answer_start : pair.answer_start + len(pair.answer)] == pair.answer
        expected = right[pair.language, pair.question]
        assert exact_match(pair.answer, expected, pair.language) == (probe.corruption == "")


def test_the_seed_alone_decides_and_a_language_does_not_depend_on_another() -> None:
    assert probes(ALL, seed=13) == probes(ALL, seed=13) != probes(ALL, seed=14)
    assert probes(ALL, seed=13)[32:64] == probes(HINDI, seed=13)


def test_a_question_that_cannot_be_corrupted_is_left_out() -> None:
    assert probes([question("Lima.", "Lima")], seed=13) == []


def test_a_question_is_answered_once_for_all_pairs_that_ask_it() -> None:
    asked: list[SyntheticPair] = []

    def label(pairs: Sequence[SyntheticPair]) -> list[Answer]:
        asked.extend(pairs)
        return always_right(pairs)

    audited = audit(probes(SPANISH, seed=13), label, RULE, ExtractiveQA())
    assert len(audited) == 32 and len(asked) == 20, "four foreign questions beside the sixteen"
    assert len({(pair.passage, pair.question) for pair in asked}) == 20


def test_the_filter_judges_by_its_rule() -> None:
    found = probes(ALL, seed=13)
    strict = audit(found, always_right, Filter("exact", 0.0, 0.0, "accumulate"), ExtractiveQA())
    assert [pair.kept for pair in strict] == [pair.corruption == "" for pair in strict]
    lenient = audit(found, always_right, Filter("f1", 0.6, 0.0, "reselect"), ExtractiveQA())
    passed = {pair.corruption for pair in lenient if pair.kept}
    assert passed == {"", "shifted_boundary"}
    assert not any(
        pair.kept for pair in audit(found, always_right, Filter("f1", 0.6, 0.95, "reselect"), ExtractiveQA())
    )


def test_an_audited_pair_holds_the_pair_its_truth_and_the_judgement() -> None:
    pair = SyntheticPair("q/clean", "es", "x", "Ana vive en Lima.", "¿Dónde?", "Lima", 12)
    answer = Answer("en Lima", 9, 0.7)
    (audited,) = audit([Probe(pair, "")], lambda pairs: [answer], RULE, ExtractiveQA())
    expected = AuditedPair(
        id="q/clean",
        language="es",
        corruption="",
        passage_id="x",
        passage="Ana vive en Lima.",
        question="¿Dónde?",
        answer="Lima",
        answer_start=12,
        labeler_answer="en Lima",
        labeler_start=9,
        labeler_confidence=0.7,
        f1=pytest.approx(2 / 3),
        exact_match=0.0,
        kept=False,
    )
    assert audited == expected


def audited_pair(corruption: str, kept: bool, passage: str, language: str = "es") -> AuditedPair:
    return AuditedPair("i", language, corruption, passage, passage, "¿?", "a", 0, "b", 0, 0.5, 0.0, 0.0, kept)


def test_precision_is_of_the_kept_and_recall_of_the_clean() -> None:
    pairs = [
        *(audited_pair("", kept, passage) for kept, passage in zip([True, True, True, False], "abca", strict=True)),
        audited_pair("neighbour_span", False, "a"),
        audited_pair("shifted_boundary", True, "a"),
        audited_pair("shifted_boundary", True, "b"),
        audited_pair("foreign_question", False, "c"),
    ]
    found = summarise([*pairs, audited_pair("", False, "d", "hi"), audited_pair("wrong_sentence", False, "d", "hi")])
    spanish = found["es"]
    assert spanish["clean"] == {"pairs": 4, "kept": 3}
    assert spanish["corrupted"] == {
        "neighbour_span": {"pairs": 1, "kept": 0},
        "shifted_boundary": {"pairs": 2, "kept": 2},
        "wrong_sentence": {"pairs": 0, "kept": 0},
        "foreign_question": {"pairs": 1, "kept": 0},
    }
    assert spanish["precision"]["value"] == 3 / 5
    assert spanish["recall"]["value"] == 3 / 4
    assert 0 <= spanish["recall"]["low"] < 3 / 4 < spanish["recall"]["high"] <= 1
    assert spanish["clean_share"] == 0.5
    assert found["hi"]["precision"] is None, "nothing was kept"
    assert found["hi"]["recall"] == {"value": 0.0, "low": 0.0, "high": 1.0}, "one passage"


def test_without_pairs_there_is_nothing_to_say() -> None:
    assert summarise([]) == {}
