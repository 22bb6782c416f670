"""Classification of a text, or of a pair of texts, into the classes that the configuration names."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gemquad.params import Filter, Generation
from gemquad.schema import LabelledText, LabelPrediction
from gemquad.scoring.metrics import CLASSIFICATION
from gemquad.tasks.base import CLEAN, AuditPair, Facts
from gemquad.tasks.labelled.definition import LabelledTask, chosen_metrics
from gemquad.tasks.prompting import LabelPrompting
from gemquad.tasks.settings import Classification

if TYPE_CHECKING:
    from gemquad.tasks.labelled.class_head import ClassHead

OTHER_LABEL = "other_label"


class ClassificationTask(LabelledTask):
    """Texts with a class. The weak labeler keeps those for which it predicts the class they were generated for (WeakDAP)."""

    settings: Classification
    corruptions = (OTHER_LABEL,)

    def __init__(
        self, settings: Classification, prompting: LabelPrompting | None = None, generation: Generation | None = None
    ) -> None:
        super().__init__(settings, prompting, generation)
        self.classes = tuple(settings.labels)
        self.metrics = chosen_metrics(settings.metrics, CLASSIFICATION)
        self._number = {name: number for number, name in enumerate(self.classes)}

    def head(self) -> "ClassHead":
        """The head that computes a probability for every class."""
        from gemquad.tasks.labelled.class_head import ClassHead

        return ClassHead(self.settings)

    def columns(self, predictions: Sequence[LabelPrediction]) -> NDArray[np.float64]:
        """The indices of the expected and of the predicted class, [predictions, 2]."""
        pairs = [[self._number[p.expected], self._number[p.answer]] for p in predictions]
        return np.array(pairs, dtype=np.float64).reshape(-1, 2)

    def agreement(self, answer: str, pair: LabelledText, rule: Filter) -> float:
        """1 where the weak labeler predicts the class that the text was generated for, else 0."""
        return float(answer == pair.label)

    def agreement_threshold(self, rule: Filter) -> float:
        """Always 1: only the same class agrees."""
        return 1.0

    def audit_pairs(self, examples: Sequence[LabelledText], seed: int) -> list[AuditPair[LabelledText]]:
        """Every example with its own class and with another class, drawn at random."""
        found = []
        for example in examples:
            others = [name for name in self.classes if name != example.label]
            wrong = Random(f"{seed}/{example.language}/{example.id}").choice(others)
            found.append(AuditPair(replace(example, id=f"{example.id}/clean"), CLEAN))
            found.append(AuditPair(replace(example, id=f"{example.id}/{OTHER_LABEL}", label=wrong), OTHER_LABEL))
        return found

    def facts(self, pairs: Sequence[LabelledText]) -> Facts:
        """The number of pairs of each class, with a warning for each class without one."""
        counts = Counter(pair.label for pair in pairs)
        missing = [name for name in self.classes if not counts[name]]
        return Facts(
            {f"label_{name}": counts[name] for name in self.classes},
            [f"there is no synthetic text of the class '{name}': only gold can teach it" for name in missing],
        )
