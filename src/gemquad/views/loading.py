"""The one place of the views that chooses by the kind of a task."""

from gemquad.tasks.base import AnyTask
from gemquad.tasks.settings import ExtractiveQA
from gemquad.views.extractive_qa import ExtractiveQAView
from gemquad.views.labelled import LabelledView
from gemquad.views.task_view import AnyTaskView


def load_view(task: AnyTask) -> AnyTaskView:
    """How people see `task`."""
    settings = task.settings
    return ExtractiveQAView() if isinstance(settings, ExtractiveQA) else LabelledView(task, settings)
