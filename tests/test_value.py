"""What pairs are worth to a tiny student."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from conftest import ROOT, labelled, question
from gemquad.params import Student, load_params
from gemquad.student.model import load_student
from gemquad.student.trainer import collator
from gemquad.student.training import training_rows
from gemquad.student.value import dev_halves, values
from gemquad.tasks.loading import load_saved_task
from tiny_students import PLACES, TASKS, examples, passage

pytest_plugins = ["tiny_students"]

SETTINGS: Student = replace(load_params(ROOT / "params.yaml").student, dtype="float32", trainable_layers=None)
QUESTIONS = load_saved_task(TASKS["questions"])


def asked(number: int, answer: str, identifier: str) -> Any:
    return question(passage(number), answer, id=identifier)


def test_a_right_pair_is_worth_more_than_a_wrong_one(student: Callable[[str, str], Path]) -> None:
    dev = [asked(i, PLACES[i % 4], f"d{i}") for i in range(40, 48)]
    right = [replace(one, id=f"right-{one.id}") for one in dev]
    wrong = [asked(i, "Hoy", f"wrong-{i}") for i in range(40, 48)]
    found = values(student("questions", "gemma"), [*right, *wrong], dev, SETTINGS, QUESTIONS.head())
    assert all(good > 0 > bad for good, bad in zip(found[:8], found[8:], strict=True)), found


@pytest.mark.parametrize("task", TASKS)
def test_a_value_is_the_dot_product_of_gradients(task: str, student: Callable[[str, str], Path]) -> None:
    folder, head = student(task, "gemma"), load_saved_task(TASKS[task]).head()
    pairs, dev = examples(task, 6)[:2], examples(task, 6)[2:]
    model, tokenizer = load_student(folder, head, torch.float32)

    def gradient(records: list[Any]) -> torch.Tensor:
        rows = training_rows([head.input(one) for one in records], head, tokenizer, SETTINGS)
        batch = collator(tokenizer)(rows)
        loss = head.losses(model(**batch), batch).mean()
        trained = list(model.parameters())
        found = torch.autograd.grad(loss, trained, allow_unused=True, materialize_grads=True)
        return torch.cat([one.flatten() for one in found])

    of_dev = gradient(dev)
    expected = [float(gradient([one]) @ of_dev / of_dev.norm()) for one in pairs]
    assert values(folder, pairs, dev, SETTINGS, head) == pytest.approx(expected, rel=0.1, abs=1e-3)


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
