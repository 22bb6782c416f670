import pytest

from gemquad.report.wording import counted, listed, money, signed, system_label


@pytest.mark.parametrize(
    ("value", "written"), [(2.44, "+2.4"), (-1.05, "−1.1"), (0.04, "±0.0"), (-0.04, "±0.0"), (0.0, "±0.0")]
)
def test_a_difference_has_a_sign(value: float, written: str) -> None:
    assert signed(value) == written


def test_the_paper_has_two_digits() -> None:
    assert signed(5.05, digits=2) == "+5.05"


def test_numbers_of_things() -> None:
    assert [counted(1, "seed"), counted(1200, "pair")] == ["1 seed", "1,200 pairs"]


def test_small_amounts_keep_their_digits() -> None:
    assert [money(0), money(0.00014), money(12.3456), money(1234.5)] == ["0", "0.00014", "12.35", "1,234.50"]


def test_lists_in_a_sentence() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_systems_have_names_that_people_write() -> None:
    assert [system_label(name) for name in ("round-1", "longer_baseline", "weakdap")] == [
        "round 1",
        "baseline, longer",
        "WeakDAP",
    ]
