"""The files that examples come in."""

from typing import Any

from gemquad.tasks.formats.base import AnyFormat
from gemquad.tasks.formats.labelled import LabelledFormat
from gemquad.tasks.formats.squad import SquadFormat
from gemquad.tasks.settings import ExtractiveQA, read_settings


def load_format(section: dict[str, Any]) -> AnyFormat:
    """The format of the `task` section of params.yaml.

    Raises:
        UserError: the section is not that of a known kind of task.
    """
    settings = read_settings(section)
    return SquadFormat() if isinstance(settings, ExtractiveQA) else LabelledFormat(settings)
