"""From values in percent to places on a drawing, with round numbers for ticks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_STEPS = (1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True)
class Scale:
    """A linear scale from `ticks[0]` to `ticks[-1]` onto the pixels `start` to `end`."""

    ticks: Sequence[float]
    start: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value on the scale, in pixels."""
        share = (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return self.start + share * (self.end - self.start)


def round_ticks(values: Sequence[float], steps: int) -> list[float]:
    """Round numbers, at least 2, that enclose all `values` (percent or points) in at most `steps` equal steps."""
    for step in _STEPS:
        first = math.floor(min(values) / step)
        last = max(math.ceil(max(values) / step), first + 1)
        if last - first <= steps or step == _STEPS[-1]:
            break
    return [float(i * step) for i in range(first, last + 1)]
