"""What the student computes, and how its output becomes an answer.

base.py     the protocol
columns.py  what people ask and are told
span.py     the answer's place in a passage, by windows.py
texts.py    one text or two, read as a whole: classes.py, value.py

The heads load torch, the records do not.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gemquad.schema import Example, LabelledText, Question, SyntheticPair
from gemquad.tasks.settings import Classification, ExtractiveQA, read_settings

if TYPE_CHECKING:
    from gemquad.tasks.heads.base import AnyHead


def load_head(section: dict[str, Any]) -> "AnyHead":
    """The head of the `task` section of params.yaml.

    Raises:
        UserError: the section is not that of a known kind of task.
    """
    settings = read_settings(section)
    if isinstance(settings, ExtractiveQA):
        from gemquad.tasks.heads.span import SpanHead

        return SpanHead(settings)
    if isinstance(settings, Classification):
        from gemquad.tasks.heads.classes import ClassHead

        return ClassHead(settings)
    from gemquad.tasks.heads.value import ValueHead

    return ValueHead(settings)


def training_records(section: dict[str, Any]) -> Mapping[str, type[Example]]:
    """The records that a student of the task is trained on: "gold" and "synthetic".

    Raises:
        UserError: the section is not that of a known kind of task.
    """
    if isinstance(read_settings(section), ExtractiveQA):
        return {"gold": Question, "synthetic": SyntheticPair}
    return {"gold": LabelledText, "synthetic": LabelledText}
