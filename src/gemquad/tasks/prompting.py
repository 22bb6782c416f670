"""The `prompting` section of params.yaml: how a prompt is built, by the kind of the task."""

from dataclasses import field
from typing import Annotated, Any, Literal

from pydantic.dataclasses import dataclass

from gemquad.settings.sections import STRICT, Count, Range, Share, check, mistake
from gemquad.tasks.settings import Classification, ExtractiveQA, Settings, Similarity

LABEL, WORDS = "{label}", "{words}"

Shots = Annotated[int, Range("0 or more", lambda value: value >= 0)]
Line = Annotated[str, Range("one line", lambda value: "\n" not in value)]
LineNames = Annotated[list[str], Range("[passage, question, answer]", lambda names: len(names) == 3)]


@dataclass(frozen=True, config=STRICT)
class PassagePrompting:
    """How one prompt is built (GeMQuAD section 3.1: one exemplar, then the passage)."""

    order: Literal["question-first", "answer-first"]
    """What the generator writes first."""
    focus: Literal["passage", "sentence"]
    """A prompt shows one sentence of the passage, the sentences in turn; or all of the passage."""
    shots: Shots
    """Exemplars in a prompt."""
    prompts_per_passage: Count
    """Prompts for each passage."""
    labels: dict[str, LineNames]
    """By language: the names of a prompt's three lines, for passage, question and answer; `default` for any other language."""


@dataclass(frozen=True, config=STRICT)
class Names:
    """The names of an example's lines in a prompt."""

    text: str
    """Of the text, or the first of a pair."""
    label: str
    """Of the label, where the generator is asked for it."""
    second: str | None = None
    """Of the second text of a pair, where the generator is asked for the label."""


@dataclass(frozen=True, config=STRICT)
class LabelPhrases:
    """What stands in a prompt for one label."""

    wanted: str
    """Describes a text of the label, so that it reads well in place of `{label}`."""
    answer: str
    """The label where it is the answer; short answers of equal length are fairest."""


@dataclass(frozen=True, config=STRICT)
class LabelPrompting:
    """How a prompt asks the generator for a text of a given label, and for the label of a text."""

    shots: Shots
    """Exemplars of the wanted label in a prompt; 0 is zero-shot."""
    prompts: Count
    """Prompts for each language; the labels take turns."""
    words_share: Share
    """The share of prompts that ask for one of `words` (JapaGen's knowledge-assisted prompts)."""
    names: Names
    """How an example's lines begin in a prompt."""
    write: Line
    """Asks for the text; in it, or for pairs in `write_second`, `{label}` stands for the label's `wanted`."""
    with_words: str
    """Added to `write`; `{words}` stands for the word that was drawn."""
    solve: str
    """Asks for the label of a text."""
    labels: dict[str, LabelPhrases]
    """By our name of the class or, for similarity, by a number of the range."""
    write_second: Line | None = None
    """Names the line of the second text of a pair, which is written after the first."""
    words: list[str] = field(default_factory=list)
    """The task's words: topics, things, phenomena."""


Prompting = PassagePrompting | LabelPrompting


def read_prompting(section: Any, task: Settings) -> Prompting:
    """The section in the form that the task has it, `section` being plain YAML or a section already.

    Raises:
        ValidationError: it is not of that form.
        PydanticCustomError: it does not fit the task, e.g. has no phrases for one of its labels.
    """
    form = PassagePrompting if isinstance(task, ExtractiveQA) else LabelPrompting
    prompting: Prompting = section if isinstance(section, form) else check(form, section)
    if isinstance(prompting, LabelPrompting) and not isinstance(task, ExtractiveQA):
        _check_places(prompting, task)
        _check_labels(prompting, task)
    return prompting


def _check_places(prompting: LabelPrompting, task: Classification | Similarity) -> None:
    """Refuse templates without the placeholders for labels, words and second texts that the task needs."""
    pairs = task.columns.second is not None
    writes_label = prompting.write_second if pairs else prompting.write
    rules = [
        (
            not prompting.words_share or bool(prompting.words),
            "words",
            "a list of words, or set prompting.words_share=0",
        ),
        (not prompting.words_share or WORDS in prompting.with_words, "with_words", f"a sentence with {WORDS} in it"),
        (LABEL in (writes_label or ""), "write_second" if pairs else "write", f"a text with {LABEL} in it"),
        (not pairs or bool(prompting.names.second), "names.second", "the name of the second text's line"),
    ]
    for holds, key, words in rules:
        if not holds:
            raise mistake(key, f"must be {words}. {_remedy(task)}")


def _check_labels(prompting: LabelPrompting, task: Classification | Similarity) -> None:
    known = f"has {', '.join(map(repr, prompting.labels))}"
    if isinstance(task, Similarity):
        low, high = task.range
        if len(prompting.labels) < 2 or not all(_within(label, low, high) for label in prompting.labels):
            message = f"{known}; expected two or more numbers from {low:g} to {high:g}, in quotes."
            raise mistake("labels", f"{message} {_remedy(task)}")
    elif set(prompting.labels) != set(task.labels):
        message = f"{known}; task.labels has {', '.join(map(repr, task.labels))}. Each needs a wording."
        raise mistake("labels", f"{message} {_remedy(task)}")
    if len({phrases.answer for phrases in prompting.labels.values()}) < len(prompting.labels):
        raise mistake("labels", f"gives two labels the same answer. Each needs its own. {_remedy(task)}")


def _remedy(task: Classification | Similarity) -> str:
    return f"Correct it in conf/task/{task.name}.yaml."


def _within(label: str, low: float, high: float) -> bool:
    try:
        return low <= float(label) <= high
    except ValueError:
        return False
