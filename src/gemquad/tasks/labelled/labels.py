"""What stands in the label column: a class, or a number."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gemquad.errors import UserError
from gemquad.sources.format import FileFacts
from gemquad.text.characters import shown

_GOLD = "gold"
_MUST_HAVE_ALL = ("gold", "dev", "test")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_NO_LABEL = "the label is missing ({!r}, as in test sets without labels). Give it one, or remove the row"


class Labels(Protocol):
    """Reads the labels of a task."""

    def read(self, value: Any) -> str:
        """Our label for what the column holds; `ValueError` with what is wrong and what to do."""

    def is_missing(self, value: Any) -> bool:
        """Whether the column holds what stands for no label."""

    def facts(self, role: str, labels: Sequence[str]) -> FileFacts:
        """How often each occurs, and which does not; `UserError` where nothing can be learnt from them."""


class Classes:
    """Classes; files may hold strings or whole numbers for them."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._names = {value: name for name, value in values.items()}

    def read(self, value: Any) -> str:
        """The configured name of the class that the column holds."""
        if self.is_missing(value):
            raise ValueError(_NO_LABEL.format(value))
        if str(value) not in self._names:
            raise ValueError(
                f"label {shown(str(value))} is none of: {', '.join(self._names)}. Add it to task.labels (conf/task), or correct "
                "the row"
            )
        return self._names[str(value)]

    def is_missing(self, value: Any) -> bool:
        """Whether the value is empty, or the -1 of unlabelled test sets where that is no class."""
        return str(value) not in self._names and str(value).strip() in ("None", "", "-1")

    def facts(self, role: str, labels: Sequence[str]) -> FileFacts:
        """The number of examples of each class, in the configured order."""
        counts = Counter(labels)
        present = [name for name in self._names.values() if counts[name]]
        missing = [name for name in self._names.values() if not counts[name]]
        if role == _GOLD and len(present) == 1:
            raise UserError(
                f"data.gold: all {len(labels)} examples are of the class '{present[0]}'. A classifier needs two or more: add "
                "examples of another, raise data.limits.gold where it is set, or do without gold, -S data.gold=null."
            )
        card: dict[str, Any] = {"labels": {name: counts[name] for name in present}}
        if not missing or role not in _MUST_HAVE_ALL:
            return FileFacts(card)
        return FileFacts(card | {"missing_labels": missing}, [f"no example of the class '{name}'" for name in missing])


class Numbers:
    """Numbers within a range, its ends among them."""

    def __init__(self, low: float, high: float) -> None:
        self._low, self._high = low, high

    def read(self, value: Any) -> str:
        """The number in decimals, e.g. "3.8"."""
        if self.is_missing(value):
            raise ValueError(_NO_LABEL.format(value))
        number = _number(value)
        if not self._low <= number <= self._high:
            raise ValueError(
                f"label {shown(value)} is no number from {self._low:g} to {self._high:g}. Correct the row, or task.range "
                "(conf/task)"
            )
        return repr(number + 0.0)  # never -0.0

    def is_missing(self, value: Any) -> bool:
        """Whether the value is empty, or the -1 of unlabelled test sets where that is out of range."""
        return str(value).strip() in ("None", "") or (str(value) in ("-1", "-1.0") and self._low > -1)

    def facts(self, role: str, labels: Sequence[str]) -> FileFacts:
        """No entries; a warning, for gold an error, where all numbers are equal."""
        if len(set(labels)) != 1:
            return FileFacts()
        same = f"all {len(labels)} examples have the label {labels[0]}"
        if role == _GOLD:
            raise UserError(
                f"data.gold: {same}. Nothing can be learnt from them: add others, or do without, -S data.gold=null."
            )
        return FileFacts(warnings=[f"{same}: a correlation with them is not defined"])


def _number(value: Any) -> float:
    """The value of a number or of plain ASCII decimals; NaN for all else, such as the "0_4" and "３" that `float` reads."""
    if isinstance(value, bool) or not (isinstance(value, int | float) or _DECIMAL.fullmatch(str(value))):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf
