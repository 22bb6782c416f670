"""The one place that chooses by the kind of a task."""

from collections.abc import Mapping
from typing import Any

from gemquad.params import Generation, Params
from gemquad.tasks.base import AnyTask
from gemquad.tasks.extractive_qa.definition import ExtractiveQATask
from gemquad.tasks.labelled.classification import ClassificationTask
from gemquad.tasks.labelled.similarity import SimilarityTask
from gemquad.tasks.prompting import LabelPrompting, PassagePrompting, Prompting
from gemquad.tasks.settings import Classification, ExtractiveQA, Settings, read_task


def load_task(params: Params) -> AnyTask:
    """The task of the sections `task`, `prompting` and `generation`."""
    return _task(params.task, params.prompting, params.generation)


def load_saved_task(section: Mapping[str, Any] | Settings, file: str = "params.yaml: task") -> AnyTask:
    """The task of a `task` section alone, as a saved student or another run has it in `file`; it has no `prompter`.

    Raises:
        UserError: the section is not that of a known kind of task.
    """
    return _task(read_task(section, file) if isinstance(section, Mapping) else section, None, None)


def _task(settings: Settings, prompting: Prompting | None, generation: Generation | None) -> AnyTask:
    if isinstance(settings, ExtractiveQA):
        return ExtractiveQATask(settings, prompting if isinstance(prompting, PassagePrompting) else None, generation)
    of_labels = prompting if isinstance(prompting, LabelPrompting) else None
    if isinstance(settings, Classification):
        return ClassificationTask(settings, of_labels, generation)
    return SimilarityTask(settings, of_labels, generation)
