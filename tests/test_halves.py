"""Dev in halves, by what its examples are about."""

import pytest

from conftest import labelled, question
from gemquad.errors import UserError
from gemquad.rounds.halves import dev_halves
from gemquad.tasks.loading import load_saved_task
from tiny_students import TASKS

QUESTIONS = load_saved_task(TASKS["questions"])


def test_dev_is_halved_by_passage_within_each_language() -> None:
    passages = [f"La nota {i}. Ana vive en Lima." for i in range(10)]
    dev = [
        question(text, id=f"{language}-{text}-{n}", language=language)
        for language in ("es", "hi")
        for text in passages
        for n in range(2)
    ]
    first, second = dev_halves(dev, QUESTIONS)
    assert [len(first), len(second)] == [20, 20]
    for half in (first, second):
        assert [sum(one.language == language for one in half) for language in ("es", "hi")] == [10, 10]
    assert not {(one.language, one.passage) for one in first} & {(one.language, one.passage) for one in second}
    assert dev_halves(list(reversed(dev)), QUESTIONS)[0] == list(reversed(first))


def test_a_pair_and_its_reverse_are_in_one_half() -> None:
    dev = [labelled(str(i), *texts) for i in range(8) for texts in ((f"a{i}", f"b{i}"), (f"b{i}", f"a{i}"))]
    first, _ = dev_halves(dev, load_saved_task(TASKS["pairs"]))
    assert len(first) == 8 and len({one.texts_in_any_order for one in first}) == 4


def test_one_passage_alone_cannot_be_halved() -> None:
    dev = [question(id="a"), question(id="b"), question("La nota.", "nota", id="c", language="hi")]
    with pytest.raises(
        UserError, match=r"dev examples of 'es' \(data\.languages\.es\.dev\) are of one.*filter\.weights"
    ):
        dev_halves(dev, QUESTIONS)
