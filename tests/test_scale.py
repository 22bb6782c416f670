import pytest

from gemquad.report.scale import Scale, round_ticks


@pytest.mark.parametrize(
    ("values", "steps", "ticks"),
    [
        ([0.0, -6.8, 12.3], 4, [-10, 0, 10, 20]),
        ([0.0, 0.3], 4, [0, 1]),
        ([33.0, 77.0], 6, [30, 40, 50, 60, 70, 80]),
        ([50.0], 4, [50, 51]),
        ([0.0, 100.0], 5, [0, 20, 40, 60, 80, 100]),
        ([-100.0, 100.0], 4, [-100, -50, 0, 50, 100]),
    ],
)
def test_ticks_are_round_and_enclose_the_values(values: list[float], steps: int, ticks: list[float]) -> None:
    assert round_ticks(values, steps) == ticks


def test_a_scale_maps_its_ends_and_its_middle() -> None:
    scale = Scale([20, 40], 178, 22)
    assert [scale.at(20), scale.at(30), scale.at(40)] == [178, 100, 22]
