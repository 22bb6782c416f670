from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

import pytest

from conftest import ROOT, labelled, question
from gemquad.params import Filter, load_params
from gemquad.rounds.audit import audit, summarise
from gemquad.rounds.labels import distinct
from gemquad.schema import AuditedPair, Example, Judgement, LabelledText, Question, SyntheticPair
from gemquad.schema.results import Interval, KeptPairs
from gemquad.scoring.qa import exact_match
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import AnyDefinition, AuditPair
from gemquad.tasks.extractive_qa.corruption import CORRUPTIONS
from gemquad.tasks.extractive_qa.definition import ExtractiveQATask
from gemquad.tasks.labelled.classification import ClassificationTask
from gemquad.tasks.labelled.similarity import SimilarityTask
from gemquad.tasks.settings import Classification, Columns, ExtractiveQA, Similarity

QUESTIONS = ExtractiveQATask(ExtractiveQA("qa", "extractive_qa"))
RULE: Filter = load_params(ROOT / "params.yaml").filter
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


def audit_pairs(questions: Sequence[Question], seed: int) -> list[AuditPair[SyntheticPair]]:
    return QUESTIONS.audit_pairs(questions, seed)


def always_right(pairs: Sequence[SyntheticPair]) -> list[list[list[Answer]]]:
    """A labeler that knows gold: the answer stands in its question."""
    answers = [pair.question[1:-1].split()[-1] for pair in pairs]
    return [[[Answer(text, pair.passage.find(text), 0.9)]] for pair, text in zip(pairs, answers, strict=True)]


def audited_by(
    label: Callable[[Sequence[Any]], list[list[list[Answer]]]],
    examples: Sequence[Example],
    rule: Filter = RULE,
    task: AnyDefinition = QUESTIONS,
    seed: int = 13,
) -> list[AuditedPair]:
    """What the stages `label` and `audit` do."""
    pairs = task.audit_pairs(examples, seed)
    asked, places = distinct([one.pair for one in pairs], task)
    answers = label(asked)
    return audit(pairs, [answers[place] for place in places], rule, task)


def test_every_question_becomes_a_clean_and_a_corrupted_pair_of_each_kind_equally_often() -> None:
    found = audit_pairs(ALL, seed=13)
    for language in ("es", "hi", "ja"):
        kinds = Counter(audited.corruption for audited in found if audited.pair.language == language)
        assert kinds == {"": 16, **dict.fromkeys(CORRUPTIONS, 4)}
    assert len({audited.pair.id for audited in found[:32]}) == 32
    assert [audited.pair.question for audited in found[::2]] == [q.question for q in ALL]


def test_pairs_are_aligned_and_corrupted_ones_are_wrong() -> None:
    right = {(q.language, q.question): q.answers[0] for q in ALL}
    for audited in audit_pairs(ALL, seed=13):
        pair = audited.pair
        assert pair.passage[pair.answer_start : pair.answer_start + len(pair.answer)] == pair.answer
        expected = right[pair.language, pair.question]
        assert exact_match(pair.answer, expected, pair.language) == (audited.corruption == "")


def test_the_seed_alone_decides_and_a_language_does_not_depend_on_another() -> None:
    assert audit_pairs(ALL, seed=13) == audit_pairs(ALL, seed=13) != audit_pairs(ALL, seed=14)
    assert audit_pairs(ALL, seed=13)[32:64] == audit_pairs(HINDI, seed=13)


def test_a_question_that_cannot_be_corrupted_is_left_out() -> None:
    assert audit_pairs([question("Lima.", "Lima")], seed=13) == []


def test_a_question_is_answered_once_for_all_pairs_that_ask_it() -> None:
    asked: list[SyntheticPair] = []

    def label(pairs: Sequence[SyntheticPair]) -> list[list[list[Answer]]]:
        asked.extend(pairs)
        return always_right(pairs)

    assert len(audited_by(label, SPANISH)) == 32 and len(asked) == 20, "four foreign questions beside the sixteen"
    assert len({(pair.passage, pair.question) for pair in asked}) == 20


def test_the_filter_judges_by_its_rule() -> None:
    def kept(rule: Filter) -> list[AuditedPair]:
        return [pair for pair in audited_by(always_right, ALL, rule) if pair.kept]

    strict = kept(replace(RULE, agreement="exact", min_f1=0.0, tolerance=0.0, mode="accumulate"))
    assert {pair.corruption for pair in strict} == {""} and len(strict) == 48
    lenient = kept(replace(RULE, min_f1=0.6))
    assert {pair.corruption for pair in lenient} == {"", "shifted_boundary"}
    assert not kept(replace(RULE, min_f1=0.6, min_confidence=0.95))


def test_an_audited_pair_holds_the_pair_its_truth_and_the_judgement() -> None:
    asked = question("Ana vive en Lima.", "Lima", id="q", question="¿Dónde?")
    clean, corrupted = audited_by(lambda pairs: [[[Answer("en Lima", 9, 0.7)]]] * len(pairs), [asked])
    assert clean == AuditedPair(
        id="q/clean",
        language="es",
        corruption="",
        group="Ana vive en Lima.",
        content="¿Dónde?",
        answer="Lima",
        labeler_answer="en Lima",
        labeler_start=9,
        labeler_confidence=0.7,
        agreement=pytest.approx(2 / 3),
        votes=0.0,
        probability=0.0,
        repaired=False,
        weight=1.0,
        right=True,
        kept=False,
    )
    assert (corrupted.id, corrupted.content) == (f"q/{corrupted.corruption}", "¿Dónde?")
    assert corrupted.corruption in CORRUPTIONS and corrupted.answer != "Lima"


COLUMNS = Columns("sentence1", "label", "sentence2")
CLASSES = {"entailment": "e", "contradiction": "c", "neutral": "n"}
RELATIONS = ClassificationTask(Classification("nli", "pair_classification", CLASSES, COLUMNS, ["accuracy"]))
ALIKE = SimilarityTask(Similarity("sts", "pair_similarity", (0.0, 5.0), COLUMNS, ["pearson"]))


def test_a_pair_of_texts_is_answered_once_and_judged_under_both_labels() -> None:
    examples = [labelled(f"t{i}", f"犬が{i}匹いる", "動物がいる", label) for i, label in enumerate(CLASSES)]
    asked: list[LabelledText] = []

    def label(pairs: Sequence[LabelledText]) -> list[list[list[Answer]]]:
        asked.extend(pairs)
        return [[[Answer("entailment", -1, 0.8)]] for _ in pairs]

    audited = audited_by(label, examples, task=RELATIONS, seed=3)
    assert len(audited) == 6 and len(asked) == 3
    assert [(one.corruption, one.answer, one.kept) for one in audited[::2]] == [
        ("", "entailment", True),
        ("", "contradiction", False),
        ("", "neutral", False),
    ]
    assert audited[0].content == "犬が0匹いる\n動物がいる" and audited[0].group == "動物がいる\n犬が0匹いる"
    assert [one.kept for one in audited[1::2]] == [one.answer == "entailment" for one in audited[1::2]]
    found = summarise(audited, RELATIONS)["ja"]
    assert found.clean == KeptPairs(3, 1)
    assert list(found.corrupted) == ["other_label"] and found.corrupted["other_label"].pairs == 3
    assert found.recall.value == pytest.approx(1 / 3)


def test_numbers_within_the_tolerance_of_the_truth_are_kept_and_corrupted_ones_are_not() -> None:
    examples = [labelled(f"t{i}", f"文{i}", "文", label=f"{i / 4}") for i in range(21)]
    truths = {example.text: float(example.label) for example in examples}
    audited = audited_by(
        lambda pairs: [[[Answer(f"{truths[p.text] + 0.4:.4f}", -1, 1.0)]] for p in pairs], examples, task=ALIKE, seed=3
    )
    assert [one.kept for one in audited] == [one.corruption == "" for one in audited]
    assert summarise(audited, ALIKE)["ja"].precision.value == 1.0


def audited_pair(corruption: str, kept: bool, passage: str, language: str = "es") -> AuditedPair:
    said = Judgement("i", language, "b", 0, 0.5, 0.0, float(kept), 0.5, False, 1.0, kept)
    pair = {"group": passage, "content": "¿?", "answer": "a", "right": not corruption}
    return AuditedPair(**asdict(said), corruption=corruption, **pair)


def test_precision_is_of_the_kept_and_recall_of_the_clean() -> None:
    pairs = [
        *(audited_pair("", kept, passage) for kept, passage in zip([True, True, True, False], "abca", strict=True)),
        audited_pair("neighbour_span", False, "a"),
        audited_pair("shifted_boundary", True, "a"),
        audited_pair("shifted_boundary", True, "b"),
        audited_pair("foreign_question", False, "c"),
    ]
    found = summarise(
        [*pairs, audited_pair("", False, "d", "hi"), audited_pair("wrong_sentence", False, "d", "hi")], QUESTIONS
    )
    spanish = found["es"]
    assert spanish.clean == KeptPairs(4, 3)
    assert spanish.corrupted == {
        "neighbour_span": KeptPairs(1, 0),
        "shifted_boundary": KeptPairs(2, 2),
        "wrong_sentence": KeptPairs(0, 0),
        "foreign_question": KeptPairs(1, 0),
    }
    assert spanish.precision.value == 3 / 5
    assert spanish.recall.value == 3 / 4
    assert 0 <= spanish.recall.low < 3 / 4 < spanish.recall.high <= 1
    assert spanish.clean_share == 0.5
    assert found["hi"].precision is None, "nothing was kept"
    assert found["hi"].recall == Interval(0.0, 0.0, 1.0), "one passage"


def test_a_corrupted_pair_that_was_repaired_to_the_truth_is_right_and_a_clean_one_made_wrong_is_not() -> None:
    """Three labelers that know gold, but take every question for the one whose answer stands in it."""
    rule = replace(RULE, labelers=3, repair=True)

    def three(pairs: Sequence[SyntheticPair]) -> list[list[list[Answer]]]:
        return [own * 3 for own in always_right(pairs)]

    audited = audited_by(three, SPANISH, rule)
    own = [one for one in audited if one.corruption not in ("", "foreign_question")]
    assert all(one.kept and one.repaired and one.right for one in own)
    found = summarise(audited, QUESTIONS)["es"]
    assert found.clean == KeptPairs(16, 16, repaired=0) and found.recall.value == 1.0
    assert found.corrupted["wrong_sentence"] == KeptPairs(4, 4, repaired=4)

    def stubborn(pairs: Sequence[SyntheticPair]) -> list[list[list[Answer]]]:
        return [[[Answer("señora", 3, 0.9)]] * 3 for _ in pairs]

    wrong = audited_by(stubborn, SPANISH, rule)
    assert all(one.kept and one.repaired and not one.right for one in wrong)
    assert (found := summarise(wrong, QUESTIONS)["es"]).recall.value == 0.0 and found.precision.value == 0.0


def test_a_foreign_question_cannot_be_repaired() -> None:
    def three(pairs: Sequence[SyntheticPair]) -> list[list[list[Answer]]]:
        return [[[Answer("señora", 3, 0.9)]] * 3 for _ in pairs]

    audited = audited_by(three, SPANISH, replace(RULE, labelers=3, repair=True))
    foreign = [one for one in audited if one.corruption == "foreign_question"]
    assert foreign and not any(one.right for one in foreign)


def test_precision_is_by_weight() -> None:
    heavy, light = audited_pair("", True, "a"), audited_pair("wrong_sentence", True, "b")
    pairs = [replace(heavy, weight=1.5), replace(light, weight=0.5)]
    assert summarise(pairs, QUESTIONS)["es"].precision.value == 0.75


def test_without_pairs_there_is_nothing_to_say() -> None:
    assert summarise([], QUESTIONS) == {}
