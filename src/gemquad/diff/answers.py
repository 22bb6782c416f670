"""Two runs on the test examples that both answered: paired differences, and the examples that one alone answered right.

A run is the workspace, a Git revision or a DVC experiment, read through DVC's file system, where what Git has and what DVC has lie
side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gemquad.errors import UserError, first_line
from gemquad.files import checked, parse_json
from gemquad.params import Filter
from gemquad.parquet import read_records
from gemquad.report.formatting import change, counted, system_label
from gemquad.report.markdown import cut, print_table
from gemquad.schema import Example, Prediction
from gemquad.schema.results import AVERAGED, SELECTION, Delta
from gemquad.scoring.intervals import deltas
from gemquad.scoring.sheets import SystemAnswers, answers, sheets
from gemquad.settings.sections import read_section
from gemquad.tasks.loading import load_saved_task
from gemquad.views.loading import load_view
from gemquad.workspace import Workspace
from gemquad.yaml_files import parse_yaml

WORKSPACE = "workspace"
_FILES = Workspace()


@dataclass(frozen=True)
class FinishedRun:
    """A run with its params.yaml, the system that dev selected, the test examples and its answers to them by language and id."""

    name: str
    params: Mapping[str, Any]
    system: str
    examples: Mapping[tuple[str, str], Example]
    answers: Mapping[tuple[str, str], Prediction]


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
class Difference:
    """Two runs on the test examples that are the same in both, answered by both selected students; `names` say run and student.

    `examples` counts by language; `deltas` are B minus A in points; `lost` were right in A alone and `won` in B alone.
    """

    names: tuple[str, str]
    examples: Mapping[str, int]
    deltas: Sequence[Delta]
    lost: Sequence[Flip]
    won: Sequence[Flip]
    correct_where: str


def read_run(name: str) -> FinishedRun:
    """Read the run of a DVC experiment's name, a Git revision, or `WORKSPACE`.

    Raises `UserError`: there is no such revision, several experiments have the name, no run has finished there, another version
    wrote it, or its answers are neither in DVC's cache nor on the remote.
    """
    from dvc.api import DVCFileSystem
    from dvc.exceptions import DvcException

    try:
        return _read(name, DVCFileSystem(rev=None if name == WORKSPACE else name))
    except DvcException as error:
        known = "`dvc exp list --all-commits` names the experiments of a checkout"
        raise UserError(f"{first_line(error)}. {known}.") from error
    except FileNotFoundError as error:
        remote = "`dvc pull`" if name == WORKSPACE else f"`dvc fetch --all-commits` or `dvc exp pull GIT_REMOTE {name}`"
        fetch = f"It is not in DVC's cache; fetch it: {remote}."
        untracked = "No run has finished there (`dvc repro`), or it was saved without `--include-untracked metrics`."
        remedy = fetch if str(error.filename).startswith("data/") else untracked
        raise UserError(f"{name} has no {error.filename}. {remedy}") from error
    except (UserError, ValueError, TypeError) as error:
        remedy = "If another version wrote it: `dvc repro` there"
        raise UserError(f"{name} cannot be read ({first_line(error)}). {remedy}.") from error


def _read(name: str, files: Any) -> FinishedRun:
    path = str(_FILES.selection)
    selection = checked(parse_json(files.cat_file(path), path), path, SELECTION)
    params = dict(parse_yaml(files.cat_file(str(_FILES.params)), "params.yaml", ""))
    records = load_saved_task(params.get("task") or {}, "params.yaml: task").records
    with TemporaryDirectory() as folder:
        test, predictions = Path(folder, "test.parquet"), Path(folder, "predictions.parquet")
        files.get_file(str(_FILES.test), str(test))
        given_by = _FILES.averaged if selection.system == AVERAGED else _FILES.round(selection.round).predictions
        files.get_file(str(given_by), str(predictions))
        asked: list[Example] = read_records(test, records.example)
        given: list[Prediction] = read_records(predictions, records.prediction)
    examples = {(one.language, one.id): one for one in asked}
    answered = {(one.language, one.id): one for one in given if one.split == "test"}
    return FinishedRun(name, params, selection.system, examples, answered)


def difference(a: FinishedRun, b: FinishedRun) -> Difference:
    """Compare the answers of two runs; raises `UserError` where they are of different tasks or have no example in common."""
    if a.params["task"] != b.params["task"]:
        raise UserError(f"{a.name} and {b.name} are of different tasks or score them otherwise: no answer is compared.")
    both = a.answers.keys() & b.answers.keys()
    common = [one for key, one in b.examples.items() if key in both and a.examples.get(key) == one]
    if not common:
        raise UserError(f"{a.name} and {b.name} have no test example in common: no answer is compared.")
    task = load_saved_task(b.params["task"])
    view, rule = load_view(task), read_section(Filter, a.params.get("filter"), f"{a.name}: filter")
    flips: dict[bool, list[Flip]] = {True: [], False: []}
    for one in common:
        key = (one.language, one.id)
        first, second = (view.answer(run.answers[key], one, rule) for run in (a, b))
        if first.correct != second.correct:
            flips[first.correct].append(Flip(*key, first.input, first.expected, first.answer, second.answer))
    before, after = (SystemAnswers(run.name, "", {}, {0: answers(run.answers.values())}) for run in (a, b))
    measured = deltas(after, before, sheets({"test": common}, task), task)
    labels = {metric.name: metric.label for metric in task.metrics}
    languages = [one.language for one in common]
    return Difference(
        names=(f"{a.name} ({system_label(a.system)})", f"{b.name} ({system_label(b.system)})"),
        examples={language: languages.count(language) for language in dict.fromkeys(languages)},
        deltas=[replace(delta, metric=labels[delta.metric]) for delta in measured],
        lost=flips[True],
        won=flips[False],
        correct_where=view.correct_where,
    )


def show(found: Difference, most: int) -> None:
    """Print the paired differences and up to `most` examples that flipped each way."""
    a, b = found.names
    print(f"{b} minus {a} in points, with the paired 95% interval, on the test examples that both answered:\n")
    print_table(["language", "metric", "difference", "examples"], [_cells(delta, found) for delta in found.deltas])
    print(f"\nn.s. (not significant): the interval contains 0. An answer is right where {found.correct_where}.")
    for right, wrong, flips in ((a, b, found.lost), (b, a, found.won)):
        shown = f", {most} shown" if most < len(flips) else ""
        print(f"\nRight in {right}, wrong in {wrong}: {counted(len(flips), 'example')}{shown}.\n")
        rows = [[x.language, x.id, *map(cut, (x.input, x.expected, x.answer_a, x.answer_b))] for x in flips[:most]]
        if rows:
            print_table(["language", "id", "asked", "expected", a, b], rows)


def _cells(delta: Delta, found: Difference) -> list[str]:
    return [delta.language, delta.metric, change(delta), str(found.examples[delta.language])]
