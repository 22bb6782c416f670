"""DVC's experiments in one table: what dev selected, what that scored and gained on test, and what each changed.

Git holds what a finished experiment left, so a few files of each are read from there; `dvc exp show` reads all of every commit.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from gemquad.errors import UserError
from gemquad.files import checked, parse_json
from gemquad.params import flat_settings
from gemquad.report.content import ExperimentRow
from gemquad.report.formatting import MISSING, change, count, score, system_label
from gemquad.report.markdown import cut, print_table
from gemquad.repository.git import git, read_objects
from gemquad.rounds.stopping import system_name
from gemquad.schema.results import ALL, INTERVALS, SELECTION, Intervals
from gemquad.tasks.loading import load_saved_task
from gemquad.workspace import Workspace
from gemquad.yaml_files import parse_yaml

_FILES = Workspace()
_READ = (_FILES.selection, _FILES.intervals, _FILES.params, _FILES.lock)
_SAVED = re.compile(r"refs/exps/[0-9a-f]{2}/[0-9a-f]{38}/(.+)")
"""Where DVC keeps an experiment: the commit that it started from, and its name."""
_TASK = "task.name"


def rows() -> list[ExperimentRow]:
    """The workspace where it is none of the others, the current commit, and every experiment, as far as they ran to their end.

    One of another version is named on standard error. Raises `UserError` where this is no checkout with Git.
    """
    listed = git("for-each-ref", "--format=%(refname)", "refs/exps")
    if listed is None:
        raise UserError("this is no Git repository. Call `gemquad experiments` in the root of a checkout.")
    saved = sorted(filter(None, map(_SAVED.fullmatch, listed.split())), key=lambda match: match[1])
    refs = {"HEAD": "HEAD", **{match[0]: match[1] for match in saved}}
    texts = read_objects([f"{ref}:./{path}" for ref in refs for path in _READ])
    read = [finished(name, list(islice(texts, len(_READ)))) for name in refs.values()]
    found = [one for one in read if one]
    here = finished("workspace", [path.read_text("utf-8") if path.exists() else None for path in _READ])
    is_new = here and all(here["changed"] != one["changed"] for one in found)
    return compared([here, *found] if here and is_new else found)


def finished(name: str, texts: Sequence[str | None]) -> ExperimentRow | None:
    """The experiment that left `texts` in the files of `_READ`, with all its settings for what it changed.

    None where it did not end.
    """
    selected, measured, params, lock = (text or "" for text in texts)
    if not selected or not measured or not ended(params, lock):
        return None
    try:
        of = (f"{_FILES.selection} of {name}", f"{_FILES.intervals} of {name}")
        selection = checked(parse_json(selected, of[0]), of[0], SELECTION)
        intervals = checked(parse_json(measured, of[1]), of[1], INTERVALS)
        settings = parse_yaml(params.encode(), f"{_FILES.params} of {name}", "")
        labels = {metric.name: metric.label for metric in load_saved_task(settings["task"], f"{name}: task").metrics}
    except (UserError, ValueError, TypeError, KeyError) as error:
        print(f"left out: {name} ({error})", file=sys.stderr)
        return None
    plain = {key: json.dumps(value, ensure_ascii=False) for key, value in flat_settings(settings).items()}
    changed = {key: text.replace('"', "").strip("[]") for key, text in plain.items()}
    best = selection.system
    return {
        "name": name,
        "changed": changed,
        "scores": dict(_scores(best, intervals, labels)),
        "stopped": selection.stopped,
        "best": best,
        "silver": selection.silver,
    }


def ended(params: str, lock: str) -> bool:
    """Whether the run that dvc.lock records came to its end with the settings in params.yaml, which the stage `report` reads."""
    return hashlib.md5(params.encode()).hexdigest() in lock


def _scores(best: str, intervals: Intervals, labels: Mapping[str, str]) -> Iterator[tuple[str, float | str]]:
    """The selected system's scores on test and its gains over the baseline, by the name of their column."""
    system = next(system for system in intervals.systems if system.system == best)
    gains = {(one.system, one.against, one.split, one.language, one.metric): one for one in intervals.deltas}
    for language, tested in sorted(system.scores.get("test", {}).items(), key=lambda entry: entry[0] != ALL):
        for metric, label in labels.items():
            yield f"{label} {language}", tested.metrics[metric].value
            if gain := gains.get((best, system_name(0), "test", language, metric)):
                yield f"gain {label} {language}", change(gain)


def compared(found: Sequence[ExperimentRow]) -> list[ExperimentRow]:
    """The rows with what changed of all settings: what differs among the experiments of a task, and the task."""
    rows = []
    for one in found:
        own = [other["changed"] for other in found if other["changed"].get(_TASK) == one["changed"].get(_TASK)]
        task = [_TASK] if len(own) < len(found) else []
        names = [*task, *(name for name in one["changed"] if any(x.get(name) != one["changed"][name] for x in own))]
        rows.append(ExperimentRow({**one, "changed": {name: cut(one["changed"][name]) for name in names}}))
    return rows


def show(found: Sequence[ExperimentRow]) -> None:
    """Print a table with the answer first: the selected system, its score in the task's first metric and its gain, by language."""
    firsts = tuple(next(iter(row["scores"]), "").rpartition(" ")[0] + " " for row in found)
    names = list(dict.fromkeys(name for row in found for name in row["scores"] if name.startswith(firsts)))
    print_table(["experiment", "selected", *names, "silver", "differs in"], [_cells(row, names) for row in found])
    print("\nOn test: the score of the selected system, and its gain over the baseline with the 95% interval.")


def _cells(row: ExperimentRow, names: Sequence[str]) -> list[str]:
    scores = {name: score(value) for name, value in row["scores"].items() if isinstance(value, float)}
    gains = {name: f", {row['scores'][f'gain {name}']}" for name in names if f"gain {name}" in row["scores"]}
    changed = " ".join(f"{name}={value}" for name, value in row["changed"].items())
    answers = [scores.get(name, MISSING) + gains.get(name, "") for name in names]
    return [row["name"], system_label(row["best"]), *answers, count(row["silver"]), changed or MISSING]
