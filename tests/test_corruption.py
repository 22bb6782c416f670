from random import Random

import pytest

from conftest import question
from gemquad.schema import Question
from gemquad.tasks.extractive_qa.corruption import CORRUPTIONS, Corrupted, Gold, corrupt

SPANISH = question(
    "Ana Ruiz nació en Lima en 1920. El faro de Cádiz abrió en 1871 con mucha fiesta. Hoy lo cuida siempre Eva Gil.",
    "1871",
    question="¿Cuándo abrió el faro?",
)
HINDI = question(
    "दिल्ली में कुतुब मीनार ११९३ में बननी शुरू हुई। इसे १३६८ में सुल्तान ने ठीक कराया था।",
    "११९३",
    language="hi",
    question="कुतुब मीनार कब बननी शुरू हुई?",
)
JAPANESE = question(
    "岬の灯台は、長い工事の末、多くの人が見守る中、1871年に点灯された。港は、半世紀の後、町の願いが実り、1920年に開いた。",
    "1871年",
    language="ja",
    question="灯台はいつ点灯されたか。",
)
COMMON = {
    "es": frozenset({"el", "en", "de", "con", "la"}),
    "hi": frozenset({"में", "ने"}),
    "ja": frozenset("はにのがたれさる"),
}


def corrupted(way: str, asked: Question, *others: Question, seed: int = 0) -> Corrupted:
    gold = Gold([asked, *others], COMMON[asked.language])
    found = corrupt(asked, gold, CORRUPTIONS.index(way), Random(seed))
    assert found
    return found


def texts(way: str, asked: Question) -> set[str]:
    """What the way makes of the answer, over many draws."""
    found = [corrupted(way, asked, seed=seed) for seed in range(60)]
    assert all(one.corruption == way and one.asked is asked for one in found)
    return {asked.passage[one.span.start : one.span.end] for one in found}


@pytest.mark.parametrize(
    ("asked", "expected"), [(SPANISH, {"abrió"}), (HINDI, {"मीनार"}), (JAPANESE, {"点灯"})], ids=["es", "hi", "ja"]
)
def test_a_neighbour_span_is_the_nearest_without_common_words_at_its_ends(asked: Question, expected: set[str]) -> None:
    assert texts("neighbour_span", asked) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (SPANISH, {"en 1871", "abrió en 1871", "1871 con", "1871 con mucha"}),
        (HINDI, {"मीनार ११९३", "कुतुब मीनार ११९३", "११९३ में", "११९३ में बननी"}),
        (JAPANESE, {"中、1871年", "る中、1871年", "年", "1871", "1871年に", "1871年に点"}),
    ],
    ids=["es", "hi", "ja"],
)
def test_a_shifted_boundary_cuts_or_adds_one_or_two_words(asked: Question, expected: set[str]) -> None:
    assert texts("shifted_boundary", asked) == expected


def test_a_shifted_boundary_stays_in_the_sentence_and_adds_no_mere_article() -> None:
    """ "El faro de Cádiz" counts as the same answer, and before "El" the sentence begins."""
    asked = question(SPANISH.passage, "faro de Cádiz")
    cut = {"de Cádiz", "Cádiz", "faro de", "faro"}
    assert texts("shifted_boundary", asked) == cut | {"faro de Cádiz abrió", "faro de Cádiz abrió en"}


@pytest.mark.parametrize(
    ("asked", "expected"), [(SPANISH, {"1920"}), (HINDI, {"१३६८"}), (JAPANESE, {"1920年"})], ids=["es", "hi", "ja"]
)
def test_a_wrong_sentence_gives_a_number_for_a_number(asked: Question, expected: set[str]) -> None:
    assert texts("wrong_sentence", asked) == expected


def test_a_wrong_sentence_gives_a_name_for_a_name() -> None:
    asked = question(SPANISH.passage, "Eva Gil", question="¿Quién lo cuida?")
    assert texts("wrong_sentence", asked) == {"Ana Ruiz", "Ruiz nació", "Cádiz abrió"}


def test_a_foreign_question_keeps_the_answer() -> None:
    other = question("Pedro Gómez vive en Quito.", "Quito", id="q2", question="¿Dónde vive Pedro?")
    same_passage = question(SPANISH.passage, "Lima", id="q3", question="¿Dónde nació Ana?")
    found = corrupted("foreign_question", SPANISH, same_passage, other)
    assert (found.corruption, found.asked) == ("foreign_question", other)
    assert SPANISH.passage[found.span.start : found.span.end] == "1871"


def test_a_foreign_question_with_the_same_answer_is_not_taken() -> None:
    """Then no other way of asking is left, and the next kind of corruption takes its place."""
    other = question("El museo abrió en 1871.", "1871", id="q2", question="¿Cuándo abrió el museo?")
    assert corrupted("foreign_question", SPANISH, other).corruption == "neighbour_span"


def test_the_text_of_the_answer_elsewhere_is_no_wrong_answer() -> None:
    asked = question("El tren a Lima sale hoy temprano. Ana vive ahora en Lima. Mañana Lima celebra su fiesta.", "Lima")
    for way in ("neighbour_span", "wrong_sentence"):
        assert not any("Lima" in text for text in texts(way, asked))


def test_no_answer_of_several_is_a_wrong_answer() -> None:
    passage = "Ana Ruiz vive ahora en Lima, Perú."
    asked = question(passage, "Lima", answers=["Lima", "Lima, Perú", "en Lima"], answer_starts=[23, 23, 20])
    assert texts("shifted_boundary", asked) == {"ahora en Lima"}


def test_where_a_way_is_impossible_the_next_is_taken() -> None:
    lonely = question("Ana Ruiz vive ahora en Lima.", "Lima")
    assert corrupted("wrong_sentence", lonely).corruption == "neighbour_span"
    assert corrupt(question("Lima.", "Lima"), Gold([], frozenset()), 0, Random(0)) is None


def test_an_answer_without_a_word_can_be_corrupted() -> None:
    asked = question("El precio sube hoy un 5 % más. Ana no lo paga nunca.", "%")
    assert texts("wrong_sentence", asked) == {"no", "lo", "paga", "nunca"}


def test_common_words_stand_in_many_passages() -> None:
    passages = [f"La casa de {name} es así." for name in ("Ana", "Eva", "Luz", "Pía")]
    assert Gold.of([question(text, "casa") for text in passages]).common_words == {"la", "casa", "de", "es", "así"}
    assert Gold.of([question(text, "casa") for text in passages[:2]]).common_words == frozenset()
