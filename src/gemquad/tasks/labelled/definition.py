"""What tasks over labelled texts have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from gemquad.params import Generation
from gemquad.schema import LabelledText, LabelPrediction, LabelPrompt, SilverText
from gemquad.scoring.metrics import Metric
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import PairTexts, Records
from gemquad.tasks.prompting import LabelPrompting
from gemquad.tasks.settings import Classification, Similarity

if TYPE_CHECKING:
    from gemquad.tasks.labelled.format import LabelledFormat
    from gemquad.tasks.labelled.prompt import LabelPrompter


class LabelledTask:
    """One or two texts with a label: what classes and numbers have in common."""

    records = Records(LabelledText, LabelledText, SilverText, LabelPrompt, LabelPrediction)

    def __init__(
        self,
        settings: Classification | Similarity,
        prompting: LabelPrompting | None = None,
        generation: Generation | None = None,
    ) -> None:
        self.settings, self.name = settings, settings.name
        self._prompting, self._generation = prompting, generation

    @cached_property
    def format(self) -> "LabelledFormat":
        """The format of tables and JSON files with a label column."""
        from gemquad.tasks.labelled.format import LabelledFormat

        return LabelledFormat(self.settings)

    @cached_property
    def prompter(self) -> "LabelPrompter":
        """The prompter for texts of a given label."""
        from gemquad.tasks.labelled.prompt import LabelPrompter

        assert self._prompting and self._generation, "a task without `prompting` asks no generator"
        return LabelPrompter(self.settings, self._prompting, self._generation)

    def prediction(self, example: LabelledText, split: str, answer: Answer) -> LabelPrediction:
        """A prediction with the predicted and the expected label."""
        return LabelPrediction(
            example.id, example.language, split, answer.text, answer.confidence, expected=example.label
        )

    def with_answer(self, pair: LabelledText, answer: Answer) -> LabelledText:
        """The texts with another label."""
        return replace(pair, label=answer.text)

    def pair(self, example: LabelledText) -> LabelledText:
        """The example itself."""
        return example

    def group(self, example: LabelledText) -> str:
        """A key of the texts in any order: some data sets contain a pair in both orders."""
        return example.texts_in_any_order

    def stratum(self, pair: LabelledText) -> tuple[str, str]:
        """The label: the likeliest texts of each are chosen, so that labels stay balanced."""
        return pair.language, pair.label

    def texts(self, pair: LabelledText) -> PairTexts:
        """The generated texts and their label; there is no passage."""
        return PairTexts("", (pair.text, pair.second) if pair.second else (pair.text,), pair.label)

    def variant(self, prompt: LabelPrompt) -> str:
        """Whether the prompt asks for a task word, in words."""
        return "with task words" if prompt.words else "without task words"


def chosen_metrics(names: Sequence[str], known: Mapping[str, Metric]) -> tuple[Metric, ...]:
    """The metrics that the configuration names, in its order."""
    return tuple(known[name] for name in names)
