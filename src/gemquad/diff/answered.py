"""Two runs on the test examples that both have: paired differences, and the examples on which one was right and one wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

from gemquad.diff.cache import Cache
from gemquad.diff.run import FinishedRun
from gemquad.errors import UserError
from gemquad.params import Filter
from gemquad.schema import Example, Prediction
from gemquad.schema.results import Delta
from gemquad.scoring.intervals import SystemAnswers, answers, deltas, sheets
from gemquad.sections import read_section
from gemquad.tasks.base import AnyDefinition
from gemquad.tasks.loading import load_saved_task
from gemquad.views.loading import load_view
from gemquad.views.task_view import AnyTaskView
from gemquad.workspace import Workspace

_TEST = Workspace().test.as_posix()
_SPLIT = "test"

Key = tuple[str, str]
"""The language and id of an example."""


@dataclass(frozen=True)
class Flip:
    """A test example that one run answered correctly and the other did not."""

    language: str
    id: str
    input: str
    expected: str
    answer_a: str
    answer_b: str


@dataclass(frozen=True)
class Answered:
    """The comparison of two runs on the test examples that both answered.

    `examples` counts them by language; `deltas` are B minus A in points; `lost` were right in A alone and `won` in B alone;
    `correct_where` ends the sentence on when an answer is right.
    """

    examples: Mapping[str, int]
    deltas: list[Delta]
    lost: list[Flip]
    won: list[Flip]
    correct_where: str


def answered(a: FinishedRun, b: FinishedRun, cache: Cache) -> Answered:
    """Compare the answers of two runs to the test examples that both have.

    Raises:
        UserError: the runs are of different tasks, have no test example in common, or a file is not in the cache.
    """
    if a.params.get("task") != b.params.get("task"):
        raise UserError(f"{a.name} and {b.name} are of different tasks or score them otherwise: no answer is compared.")
    task = load_saved_task(b.params.get("task") or {}, f"{b.name}: task")
    view = load_view(task)
    common, of_a, of_b = _common(a, b, cache, task)
    before, after = (
        SystemAnswers(name, "", {}, {0: answers(of.values())}) for name, of in ((a.name, of_a), (b.name, of_b))
    )
    lost, won = _flips(common, of_a, of_b, view, read_section(Filter, a.params.get("filter"), f"{a.name}: filter"))
    languages = dict.fromkeys(language for language, _ in common)
    return Answered(
        examples={language: sum(key[0] == language for key in common) for language in languages},
        deltas=deltas(after, before, sheets({_SPLIT: list(common.values())}, task), task),
        lost=lost,
        won=won,
        correct_where=view.correct_where,
    )


def _common(
    a: FinishedRun, b: FinishedRun, cache: Cache, task: AnyDefinition
) -> tuple[dict[Key, Example], dict[Key, Prediction], dict[Key, Prediction]]:
    """The test examples that are the same in both runs and answered in both, and the answers of each."""
    examples_a, examples_b = (
        {(e.language, e.id): e for e in cache.records(run, _TEST, task.records.example)} for run in (a, b)
    )
    answers_a, answers_b = (
        {
            (p.language, p.id): p
            for p in cache.records(run, run.predictions, task.records.prediction)
            if p.split == _SPLIT
        }
        for run in (a, b)
    )
    both = answers_a.keys() & answers_b.keys()
    common = {key: example for key, example in examples_b.items() if key in both and examples_a.get(key) == example}
    if not common:
        raise UserError(f"{a.name} and {b.name} have no test example in common: no answer is compared.")
    return common, {key: answers_a[key] for key in common}, {key: answers_b[key] for key in common}


def _flips(
    common: Mapping[Key, Example],
    of_a: Mapping[Key, Prediction],
    of_b: Mapping[Key, Prediction],
    view: AnyTaskView,
    rule: Filter,
) -> tuple[list[Flip], list[Flip]]:
    """The examples that A alone answered right, and those that B alone did, in the order of the test set."""
    lost: list[Flip] = []
    won: list[Flip] = []
    for key, example in common.items():
        first, second = (view.answer(of[key], example, rule) for of in (of_a, of_b))
        if first.correct != second.correct:
            flip = Flip(example.language, example.id, first.input, first.expected, first.answer, second.answer)
            (lost if first.correct else won).append(flip)
    return lost, won
