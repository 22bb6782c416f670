"""The one place that chooses by the kind of a task."""

from collections.abc import Mapping
from typing import Any

from gemquad.params import Generation, Params
from gemquad.tasks.base import AnyTask
from gemquad.tasks.extractive_qa.definition import ExtractiveQATask
from gemquad.tasks.extractive_qa.prompting import read_prompting
from gemquad.tasks.labelled.classification import ClassificationTask
from gemquad.tasks.labelled.similarity import SimilarityTask
from gemquad.tasks.labelled.templates import read_wording
from gemquad.tasks.settings import Classification, ExtractiveQA, read_settings


def load_task(params: Params) -> AnyTask:
    """The task of the sections `task`, `prompting` and `generation`.

    Raises:
        UserError: `task` is not that of a known kind, or `prompting` does not fit it.
    """
    return _task(params.task, params.prompting, params.generation)


def load_saved_task(section: Mapping[str, Any]) -> AnyTask:
    """The task of a `task` section alone, as a saved student or another run has it; it has no `prompter`.

    Raises:
        UserError: the section is not that of a known kind of task.
    """
    return _task(section, None, None)


def _task(section: Mapping[str, Any], prompting: Mapping[str, Any] | None, generation: Generation | None) -> AnyTask:
    settings = read_settings(dict(section))
    if isinstance(settings, ExtractiveQA):
        return ExtractiveQATask(settings, read_prompting(prompting) if prompting is not None else None, generation)
    wording = read_wording(prompting, settings) if prompting is not None else None
    if isinstance(settings, Classification):
        return ClassificationTask(settings, wording, generation)
    return SimilarityTask(settings, wording, generation)
