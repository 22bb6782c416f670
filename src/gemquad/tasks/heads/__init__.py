"""What the student computes, and how its output becomes an answer.

base.py     the protocol
columns.py  what people ask and are told
span.py     the answer's place in a passage, by windows.py
texts.py    one text or two, read as a whole: classes.py, value.py

The heads load torch, the records do not.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gemquad.schema import Example, LabelledText, Question, SyntheticPair
from gemquad.tasks.settings import Classification, ExtractiveQA, Settings

if TYPE_CHECKING:
    from gemquad.tasks.heads.base import AnyHead


def load_head(settings: Settings) -> "AnyHead":
    """The head of the `task` section of params.yaml."""
    if isinstance(settings, ExtractiveQA):
        from gemquad.tasks.heads.span import SpanHead

        return SpanHead(settings)
    if isinstance(settings, Classification):
        from gemquad.tasks.heads.classes import ClassHead

        return ClassHead(settings)
    from gemquad.tasks.heads.value import ValueHead

    return ValueHead(settings)


def training_records(settings: Settings) -> Mapping[str, type[Example]]:
    """The records that a student of the task is trained on: "gold" and "synthetic"."""
    if isinstance(settings, ExtractiveQA):
        return {"gold": Question, "synthetic": SyntheticPair}
    return {"gold": LabelledText, "synthetic": LabelledText}
