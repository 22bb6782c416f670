"""What an example of a task is, when two answers agree, how answers are scored."""

from typing import Any

from gemquad.tasks.kinds.base import Task
from gemquad.tasks.kinds.classification import ClassificationTask
from gemquad.tasks.kinds.extractive_qa import ExtractiveQATask
from gemquad.tasks.kinds.similarity import SimilarityTask
from gemquad.tasks.settings import Classification, Settings, Similarity


def load_task(settings: Settings) -> Task[Any, Any, Any]:
    """The task of the `task` section of params.yaml."""
    if isinstance(settings, Classification):
        return ClassificationTask(settings)
    if isinstance(settings, Similarity):
        return SimilarityTask(settings)
    return ExtractiveQATask(settings)
