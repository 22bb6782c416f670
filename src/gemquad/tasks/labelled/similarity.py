"""Similarity of two texts: a number within a range, such as 0 to 5."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gemquad.params import Filter, Generation
from gemquad.schema import LabelledText, LabelPrediction
from gemquad.scoring.metrics import SIMILARITY
from gemquad.tasks.base import CLEAN, AuditPair, Facts
from gemquad.tasks.labelled.definition import LabelledTask, chosen_metrics
from gemquad.tasks.prompting import LabelPrompting
from gemquad.tasks.settings import Similarity

if TYPE_CHECKING:
    from gemquad.tasks.labelled.value_head import ValueHead

OTHER_VALUE = "other_value"
_FAR = 0.4
"""Of the range: so far at least is a corrupted value from the true one."""
_STEPS = 100
"""Of the range: corrupted values are whole steps from its lower end."""


class SimilarityTask(LabelledTask):
    """Pairs of texts with a number. The weak labeler keeps those whose number it predicts within a tolerance."""

    settings: Similarity
    corruptions = (OTHER_VALUE,)

    def __init__(
        self, settings: Similarity, prompting: LabelPrompting | None = None, generation: Generation | None = None
    ) -> None:
        super().__init__(settings, prompting, generation)
        self.low, self.high = settings.range
        self.metrics = chosen_metrics(settings.metrics, SIMILARITY)

    def head(self) -> "ValueHead":
        """The head that computes a number within the range."""
        from gemquad.tasks.labelled.value_head import ValueHead

        return ValueHead(self.settings)

    def columns(self, predictions: Sequence[LabelPrediction]) -> NDArray[np.float64]:
        """The expected and the predicted number, [predictions, 2]."""
        return np.array([[float(p.expected), float(p.answer)] for p in predictions], dtype=np.float64).reshape(-1, 2)

    def agreement(self, answer: str, pair: LabelledText, rule: Filter) -> float:
        """1 minus the distance of the two numbers as a share of the range, at least 0."""
        return max(0.0, 1 - abs(float(answer) - float(pair.label)) / (self.high - self.low))

    def agreement_threshold(self, rule: Filter) -> float:
        """The agreement of numbers that are `filter.tolerance` apart, less a rounding error."""
        return 1 - rule.tolerance / (self.high - self.low) - 1e-9

    def audit_pairs(self, examples: Sequence[LabelledText], seed: int) -> list[AuditPair[LabelledText]]:
        """Every pair with its own number and with a number far from it."""
        found = []
        for example in examples:
            wrong = self._far_from(float(example.label), Random(f"{seed}/{example.language}/{example.id}"))
            found.append(AuditPair(replace(example, id=f"{example.id}/clean"), CLEAN))
            found.append(AuditPair(replace(example, id=f"{example.id}/{OTHER_VALUE}", label=f"{wrong:g}"), OTHER_VALUE))
        return found

    def facts(self, pairs: Sequence[LabelledText]) -> Facts:
        """The number of pairs with each value, with a warning where all have the same one."""
        counts = Counter(pair.label for pair in pairs)
        warning = ["all synthetic pairs have the same similarity: nothing can be learnt from them"]
        return Facts(
            {f"value_{label}": counts[label] for label in sorted(counts, key=float)},
            warning if len(counts) == 1 else [],
        )

    def _far_from(self, value: float, draw: Random) -> float:
        width = self.high - self.low
        values = [self.low + width * step / _STEPS for step in range(_STEPS + 1)]
        return draw.choice([other for other in values if abs(other - value) >= _FAR * width])
