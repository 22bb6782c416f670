import pytest

from conftest import pair, question
from gemquad.rounds.labels import answers_to, distinct, recorded
from gemquad.schema import LabelerAnswer
from gemquad.tasks.answers import Answer
from gemquad.tasks.extractive_qa.definition import ExtractiveQATask
from gemquad.tasks.settings import ExtractiveQA

QUESTIONS = ExtractiveQATask(ExtractiveQA("qa", "extractive_qa"))


def test_what_a_labeler_reads_twice_is_asked_once() -> None:
    pairs = [pair("a", question="¿a?"), pair("b", question="¿b?"), pair("c", "Cusco", question="¿a?")]
    asked, places = distinct(pairs, QUESTIONS)
    assert [one.question for one in asked] == ["¿a?", "¿b?"] and places == [0, 1, 0]


def test_the_pairs_of_an_audit_share_their_questions() -> None:
    gold = [question("Ana vive en Lima y Eva en Cusco.", "Lima", id="q", question="¿Dónde vive Ana?")]
    clean, corrupted = QUESTIONS.audit_pairs(gold, seed=13)
    assert distinct([clean.pair, corrupted.pair], QUESTIONS)[1] == [0, 0]


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
