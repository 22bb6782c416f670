"""What tasks over labelled texts have in common."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from gemquad.params import Generation
from gemquad.schema import LabelledText, LabelPrediction, LabelPrompt
from gemquad.scoring.metrics import Metric
from gemquad.tasks.answers import Answer
from gemquad.tasks.base import PairTexts, Records
from gemquad.tasks.prompting import Wording
from gemquad.tasks.settings import Classification, Similarity

if TYPE_CHECKING:
    from gemquad.tasks.labelled.format import LabelledFormat
    from gemquad.tasks.labelled.prompt import LabelPrompter


class LabelledTask:
    """A text, or two, with a label: what does not depend on whether that is a class or a number."""

    records = Records(LabelledText, LabelledText, LabelPrompt, LabelPrediction)

    def __init__(
        self,
        settings: Classification | Similarity,
        wording: Wording | None = None,
        generation: Generation | None = None,
    ) -> None:
        self.settings, self.name = settings, settings.name
        self._wording, self._generation = wording, generation

    @cached_property
    def format(self) -> "LabelledFormat":
        """Tables and JSON with a label column."""
        from gemquad.tasks.labelled.format import LabelledFormat

        return LabelledFormat(self.settings)

    @cached_property
    def prompter(self) -> "LabelPrompter":
        """Prompts for texts of a label."""
        from gemquad.tasks.labelled.prompt import LabelPrompter

        assert self._wording and self._generation, "a task without `prompting` asks no generator"
        return LabelPrompter(self.settings, self._wording, self._generation)

    def prediction(self, example: LabelledText, split: str, answer: Answer) -> LabelPrediction:
        """The label that was given beside the true one."""
        return LabelPrediction(
            example.id, example.language, split, answer.text, answer.confidence, expected=example.label
        )

    def group(self, example: LabelledText) -> str:
        """The same texts, in whatever order: some sets ask of a pair both ways."""
        return example.texts_in_any_order

    def texts(self, pair: LabelledText) -> PairTexts:
        """All texts are generated."""
        return PairTexts("", (pair.text, pair.second) if pair.second else (pair.text,), pair.label)

    def variant(self, prompt: LabelPrompt) -> str:
        """With and without a task word."""
        return "with task words" if prompt.words else "without task words"


def chosen_metrics(names: Sequence[str], known: Mapping[str, Metric]) -> tuple[Metric, ...]:
    """The metrics that the configuration names, in its order."""
    return tuple(known[name] for name in names)
