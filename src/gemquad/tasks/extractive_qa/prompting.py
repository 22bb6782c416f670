"""The `prompting` section of extractive question answering: how one prompt is built."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gemquad.errors import UserError
from gemquad.typed import build_section


@dataclass(frozen=True)
class Prompting:
    """How one prompt is built (GeMQuAD section 3.1: one exemplar, then the passage)."""

    order: Literal["question-first", "answer-first"]
    """What the generator writes first."""
    focus: Literal["passage", "sentence"]
    """A prompt shows one sentence of the passage, the sentences in turn; or all of the passage."""
    shots: int
    """Exemplars in a prompt, 0 or more."""
    prompts_per_passage: int
    """Prompts for each passage, 1 or more."""
    labels: dict[str, list[str]]
    """By language: the names of a prompt's three lines, for passage, question and answer; `default` for any other language."""


def read_prompting(section: Mapping[str, Any]) -> Prompting:
    """The `prompting` section, checked.

    Raises:
        UserError: an unknown or absent key, a value of the wrong type, a number out of range.
    """
    prompting: Prompting = build_section(Prompting, section, "params.yaml: prompting")
    if prompting.shots < 0 or prompting.prompts_per_passage < 1:
        raise UserError(
            "params.yaml: prompting.shots must be 0 or more, prompting.prompts_per_passage 1 or more. "
            "Set them with `dvc exp run -S prompting.shots=…`."
        )
    return prompting
