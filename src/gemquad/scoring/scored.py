"""What scoring asks of a task, whatever the task is."""

from collections.abc import Sequence
from typing import Protocol

from gemquad.schema import Example, Prediction
from gemquad.scoring.metrics import Array, Metric


class Scored(Protocol):
    """A task, as far as scoring is concerned."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What the task is scored by, its main metric first."""

    def columns(self, predictions: Sequence[Prediction]) -> Array:
        """What the metrics are computed from, [predictions, k], in order."""

    def group(self, example: Example) -> str:
        """What is resampled together with `example`: the passage of a question, or the texts of an example."""
