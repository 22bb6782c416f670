from collections.abc import Sequence

import pytest

from conftest import pair, question
from gemquad.rounds.labels import answer_once, answers_to, recorded
from gemquad.schema import LabelerAnswer, SyntheticPair
from gemquad.tasks.answers import Answer
from gemquad.tasks.extractive_qa.definition import ExtractiveQATask
from gemquad.tasks.settings import ExtractiveQA

QUESTIONS = ExtractiveQATask(ExtractiveQA("qa", "extractive_qa"))


def test_what_the_labeler_reads_twice_is_answered_once() -> None:
    asked: list[str] = []

    def label(pairs: Sequence[SyntheticPair]) -> list[Answer]:
        asked.extend(one.question for one in pairs)
        return [Answer(one.question[-2], 3, 0.5) for one in pairs]

    pairs = [pair("a", question="¿a?"), pair("b", question="¿b?"), pair("c", "Cusco", question="¿a?")]
    assert [one.text for one in answer_once(pairs, label, QUESTIONS)] == ["a", "b", "a"]
    assert asked == ["¿a?", "¿b?"]


def test_the_pairs_of_an_audit_share_their_questions() -> None:
    def label(pairs: Sequence[SyntheticPair]) -> list[Answer]:
        return [Answer(f"{number}", -1, 0.5) for number, _ in enumerate(pairs)]

    gold = [question("Ana vive en Lima y Eva en Cusco.", "Lima", id="q", question="¿Dónde vive Ana?")]
    clean, corrupted = QUESTIONS.audit_pairs(gold, seed=13)
    assert [one.text for one in answer_once([clean.pair, corrupted.pair], label, QUESTIONS)] == ["0", "0"]


def test_answers_come_back_by_language_and_id() -> None:
    pairs = [pair("a"), pair("a", language="hi"), pair("b")]
    answers = [Answer("Lima", 12, 0.9), Answer("Cusco", 29, 0.4), Answer("", 0, 0.1)]
    records = recorded(pairs, answers)
    assert records[1] == LabelerAnswer("a", "hi", labeler=0, texts=["Cusco"], starts=[29], confidences=[0.4])
    assert answers_to(pairs[::-1], records) == answers[::-1]


def test_the_likeliest_answer_of_one_labeler_is_taken() -> None:
    first = LabelerAnswer("a", "es", 0, ["Lima", "Cusco"], [12, 29], [0.6, 0.3])
    second = LabelerAnswer("a", "es", 1, ["Cusco"], [29], [0.8])
    assert answers_to([pair("a")], [first, second]) == [Answer("Lima", 12, 0.6)]
    assert answers_to([pair("a")], [first, second], labeler=1) == [Answer("Cusco", 29, 0.8)]
    with pytest.raises(KeyError):
        answers_to([pair("b")], [first, second])
