"""The files that examples come in."""

from gemquad.tasks.formats.base import AnyFormat
from gemquad.tasks.formats.labelled import LabelledFormat
from gemquad.tasks.formats.squad import SquadFormat
from gemquad.tasks.settings import ExtractiveQA, Settings


def load_format(task: Settings) -> AnyFormat:
    """The format of the `task` section of params.yaml."""
    return SquadFormat() if isinstance(task, ExtractiveQA) else LabelledFormat(task)
