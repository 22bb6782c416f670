"""What scoring asks of a task, whatever the task is."""

from collections.abc import Sequence
from typing import Protocol

from gemquad.schema import Example, Prediction
from gemquad.scoring.metrics import Array, Metric


class Scored(Protocol):
    """The part of a task that scoring uses."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics of the task, the main one first."""

    def columns(self, predictions: Sequence[Prediction]) -> Array:
        """The columns from which the metrics are computed, [predictions, k], in order."""

    def group(self, example: Example) -> str:
        """The key of the group that is resampled together with `example`: its passage, or its texts."""
