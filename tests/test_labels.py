from collections.abc import Sequence

import pytest

from conftest import pair, question
from gemquad.rounds.labels import Jury, answer_once, answers_to, recorded
from gemquad.schema import LabelerAnswer, SyntheticPair
from gemquad.tasks.answers import Answer
from gemquad.tasks.extractive_qa.definition import ExtractiveQATask
from gemquad.tasks.settings import ExtractiveQA

QUESTIONS = ExtractiveQATask(ExtractiveQA("qa", "extractive_qa"))


def test_what_the_labeler_reads_twice_is_answered_once() -> None:
    asked: list[str] = []

    def label(pairs: Sequence[SyntheticPair]) -> list[Jury]:
        asked.extend(one.question for one in pairs)
        return [{0: [Answer(one.question[-2], 3, 0.5)]} for one in pairs]

    pairs = [pair("a", question="¿a?"), pair("b", question="¿b?"), pair("c", "Cusco", question="¿a?")]
    assert [one[0][0].text for one in answer_once(pairs, label, QUESTIONS)] == ["a", "b", "a"]
    assert asked == ["¿a?", "¿b?"]


def test_the_pairs_of_an_audit_share_their_questions() -> None:
    def label(pairs: Sequence[SyntheticPair]) -> list[Jury]:
        return [{0: [Answer(f"{number}", -1, 0.5)]} for number, _ in enumerate(pairs)]

    gold = [question("Ana vive en Lima y Eva en Cusco.", "Lima", id="q", question="¿Dónde vive Ana?")]
    clean, corrupted = QUESTIONS.audit_pairs(gold, seed=13)
    assert [one[0][0].text for one in answer_once([clean.pair, corrupted.pair], label, QUESTIONS)] == ["0", "0"]


def test_answers_come_back_by_language_id_and_labeler() -> None:
    pairs = [pair("a"), pair("a", language="hi"), pair("b")]
    both = [[Answer("Lima", 12, 0.9), Answer("Cusco", 29, 0.1)], [Answer("Cusco", 29, 0.4)]]
    juries = [dict(enumerate(both)), {0: [Answer("Cusco", 29, 0.4)]}, {2: [Answer("", 0, 0.1)]}]
    records = recorded(pairs, juries)
    assert records[0] == LabelerAnswer("a", "es", 0, ["Lima", "Cusco"], [12, 29], [0.9, 0.1])
    assert [(one.id, one.language, one.labeler) for one in records[1:]] == [
        ("a", "es", 1),
        ("a", "hi", 0),
        ("b", "es", 2),
    ]
    assert answers_to(pairs[::-1], records) == [[[Answer("", 0, 0.1)]], [[Answer("Cusco", 29, 0.4)]], both]
    with pytest.raises(KeyError):
        answers_to([pair("c")], records)
