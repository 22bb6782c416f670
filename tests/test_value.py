"""What pairs are worth to a tiny student."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from conftest import ROOT, question
from gemquad.params import Student, load_params
from gemquad.student.model import load_student
from gemquad.student.trainer import collator
from gemquad.student.training import training_rows
from gemquad.student.value import values
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
