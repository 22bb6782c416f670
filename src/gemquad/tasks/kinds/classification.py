"""Classification of a text, or of a pair of texts, into the classes that the configuration names."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from gemquad.params import Filter
from gemquad.schema import LabelledText, LabelPrediction, LabelPrompt
from gemquad.scoring.metrics import CLASSIFICATION
from gemquad.tasks.answers import Answer
from gemquad.tasks.kinds.base import Facts, Nouns, Probe, PublishedDelta, Records, Shown
from gemquad.tasks.kinds.labels import chosen_metrics, named_texts, words_variant
from gemquad.tasks.settings import Classification

OTHER_LABEL = "other_label"


class ClassificationTask:
    """Texts of a class: the weak labeler keeps those to which it gives the class they were generated for (WeakDAP)."""

    records = Records(LabelledText, LabelledText, LabelPrompt, LabelPrediction)
    nouns = Nouns("example", "text")
    published: tuple[PublishedDelta, ...] = ()
    corruptions = (OTHER_LABEL,)

    def __init__(self, settings: Classification) -> None:
        self.name, self.classes = settings.name, tuple(settings.labels)
        self.metrics = chosen_metrics(settings.metrics, CLASSIFICATION)
        self._number = {name: number for number, name in enumerate(self.classes)}

    def prediction(self, example: LabelledText, split: str, answer: Answer) -> LabelPrediction:
        """The class that was given beside the true one."""
        return LabelPrediction(
            example.id, example.language, split, answer.text, answer.confidence, expected=example.label
        )

    def columns(self, predictions: Sequence[LabelPrediction]) -> NDArray[np.float64]:
        """The numbers of the true and of the predicted class."""
        pairs = [[self._number[p.expected], self._number[p.answer]] for p in predictions]
        return np.array(pairs, dtype=np.float64).reshape(-1, 2)

    def group(self, example: LabelledText) -> str:
        """The same texts, in whatever order: JNLI asks of most pairs both ways."""
        return "\n".join(sorted((example.text, example.second)))

    def agreement(self, answer: str, pair: LabelledText, rule: Filter) -> float:
        """1 where the weak labeler gives the class that was asked for."""
        return float(answer == pair.label)

    def least_agreement(self, rule: Filter) -> float:
        """The same class."""
        return 1.0

    def probes(self, examples: Sequence[LabelledText], seed: int) -> list[Probe[LabelledText]]:
        """Every example under its own class and under another one, drawn."""
        found = []
        for example in examples:
            others = [name for name in self.classes if name != example.label]
            wrong = Random(f"{seed}/{example.language}/{example.id}").choice(others)
            found.append(Probe(replace(example, id=f"{example.id}/clean"), ""))
            found.append(Probe(replace(example, id=f"{example.id}/{OTHER_LABEL}", label=wrong), OTHER_LABEL))
        return found

    def shown(self, pair: LabelledText) -> Shown:
        """The texts and the class."""
        return Shown(named_texts(pair), pair.label)

    def variant(self, prompt: LabelPrompt) -> str:
        """With and without a task word."""
        return words_variant(prompt)

    def facts(self, pairs: Sequence[LabelledText]) -> Facts:
        """How many pairs each class has, and which has none."""
        counts = Counter(pair.label for pair in pairs)
        missing = [name for name in self.classes if not counts[name]]
        return Facts(
            {f"label_{name}": counts[name] for name in self.classes},
            [f"no synthetic text of the class '{name}': only gold can teach it" for name in missing],
        )
