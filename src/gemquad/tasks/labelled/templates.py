"""The `prompting` section of tasks over labelled texts: how one prompt is worded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gemquad.errors import UserError
from gemquad.tasks.settings import Classification, Similarity
from gemquad.typed import build_section

LABEL, WORDS = "{label}", "{words}"


@dataclass(frozen=True)
class Names:
    """The names of an example's lines in a prompt."""

    text: str
    """Of the text, or the first of a pair."""
    label: str
    """Of the label, where the generator is asked for it."""
    second: str | None = None
    """Of the second text of a pair, where the generator is asked for the label."""


@dataclass(frozen=True)
class LabelWording:
    """A label in a prompt."""

    wanted: str
    """Describes a text of the label, so that it reads well in place of `{label}`."""
    answer: str
    """The label where it is the answer; short answers of equal length are fairest."""


@dataclass(frozen=True)
class Wording:
    """How the generator is asked for a text of a given label, and to label a text."""

    shots: int
    """Exemplars of the wanted label in a prompt; 0 is zero-shot."""
    prompts: int
    """Prompts for each language, 1 or more; the labels take turns."""
    words_share: float
    """The share of prompts, 0 to 1, that ask for one of `words` (JapaGen's knowledge-assisted prompts)."""
    names: Names
    """How an example's lines begin in a prompt."""
    write: str
    """Asks for the text; in it, or for pairs in `write_second`, `{label}` stands for the label's `wanted`."""
    with_words: str
    """Added to `write`; `{words}` stands for the word that was drawn."""
    solve: str
    """Asks for the label of a text."""
    labels: dict[str, LabelWording]
    """By our name of the class or, for similarity, by a number of the range."""
    write_second: str | None = None
    """Names the line of the second text of a pair, which is written after the first."""
    words: list[str] = field(default_factory=list)
    """The task's words: topics, things, phenomena."""


def read_wording(section: Mapping[str, Any], task: Classification | Similarity) -> Wording:
    """The `prompting` section, checked against the task.

    Raises:
        UserError: an unknown or absent key, a number out of range, a label without wording, two labels with one answer, no place
            for the label.
    """
    where = "params.yaml: prompting"
    wording: Wording = build_section(Wording, section, where)
    pairs = task.columns.second is not None
    writes_label = wording.write_second if pairs else wording.write
    rules = [
        (wording.shots >= 0, "shots", "0 or more"),
        (wording.prompts >= 1, "prompts", "1 or more"),
        (0 <= wording.words_share <= 1, "words_share", "0 to 1"),
        (not wording.words_share or bool(wording.words), "words", "a list of words, or set prompting.words_share=0"),
        (not wording.words_share or WORDS in wording.with_words, "with_words", f"a sentence with {WORDS} in it"),
        (LABEL in (writes_label or ""), "write_second" if pairs else "write", f"a text with {LABEL} in it"),
        (not pairs or bool(wording.names.second), "names.second", "the name of the second text's line"),
        ("\n" not in wording.write, "write", "one line"),
        ("\n" not in (wording.write_second or ""), "write_second", "one line"),
    ]
    for holds, key, remedy in rules:
        if not holds:
            raise UserError(f"{where}.{key} must be {remedy}. Correct it in conf/task/{task.name}.yaml.")
    _check_labels(wording, task)
    return wording


def _check_labels(wording: Wording, task: Classification | Similarity) -> None:
    known = f"params.yaml: prompting.labels has {', '.join(map(repr, wording.labels))}"
    remedy = f"Correct conf/task/{task.name}.yaml."
    if isinstance(task, Similarity):
        low, high = task.range
        if len(wording.labels) < 2 or not all(_within(label, low, high) for label in wording.labels):
            raise UserError(f"{known}; expected two or more numbers from {low:g} to {high:g}, in quotes. {remedy}")
    elif set(wording.labels) != set(task.labels):
        raise UserError(f"{known}; task.labels has {', '.join(map(repr, task.labels))}. Each needs a wording. {remedy}")
    if len({worded.answer for worded in wording.labels.values()}) < len(wording.labels):
        raise UserError(f"params.yaml: prompting.labels gives two labels the same answer. Each needs its own. {remedy}")


def _within(label: str, low: float, high: float) -> bool:
    try:
        return low <= float(label) <= high
    except ValueError:
        return False
