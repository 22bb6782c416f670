from typing import Any

import pytest

from gemquad.errors import UserError
from gemquad.ray_cluster import over_ray, ray_workers


def inverse() -> type:
    """A class that Ray sends by value, for its workers do not know the tests."""

    class Inverse:
        def __init__(self, of: int) -> None:
            self._of = of

        def __call__(self, rows: dict[str, Any]) -> dict[str, list[float]]:
            return {"inverse": [self._of / int(rows["number"][0])]}

    return Inverse


def test_every_row_is_one_workers_and_a_failure_is_said_with_its_remedy(
    two_workers: None, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = [{"number": number} for number in (1, 2, 4)]
    found = [row["inverse"] for row in over_ray(inverse(), (2,), rows, ray_workers(), "Mend it.")]
    assert sorted(found) == [0.5, 1.0, 2.0]
    with pytest.raises(UserError, match=r"^a Ray worker failed: ZeroDivisionError: division by zero\. Mend it\.$"):
        list(over_ray(inverse(), (2,), [{"number": 0}], 1, "Mend it."))
    assert "Traceback" not in capfd.readouterr().err


def test_workers_must_be_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMQUAD_RAY_WORKERS", "two")
    with pytest.raises(UserError, match="GEMQUAD_RAY_WORKERS is 'two'"):
        ray_workers()
