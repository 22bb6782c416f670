"""One row's draw: temperature, top-k, top-p and random numbers of its own."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from gemquad.generation.decoder.sampling import draw, largest, uniforms
from gemquad.tasks.requests import GREEDY, SamplingSettings


def drawn(logits: Tensor, settings: Sequence[SamplingSettings], numbers: Sequence[float]) -> Tensor:
    temperature, top_p, uniform = (
        torch.tensor(values, dtype=torch.float)
        for values in ([s.temperature for s in settings], [s.top_p for s in settings], numbers)
    )
    return draw(logits, temperature, torch.tensor([s.top_k for s in settings]), top_p, uniform)


def frequencies(settings: SamplingSettings, logits: list[float], draws: int = 4000) -> list[float]:
    rows = torch.tensor([logits]).repeat(draws, 1)
    tokens = drawn(rows, [settings] * draws, list(uniforms(settings.seed, draws)))
    return [float((tokens == token).float().mean()) for token in range(len(logits))]


def test_follows_the_softmax_at_its_temperature() -> None:
    logits = [1.0, 0.0, 2.0]
    expected = (torch.tensor(logits) / 0.5).softmax(-1).tolist()
    assert frequencies(SamplingSettings(0.5, 3, 1.0, 7), logits) == pytest.approx(expected, abs=0.03)


def test_top_k_cuts_before_top_p() -> None:
    logits = torch.tensor([0.4, 0.3, 0.2, 0.1]).log().tolist()
    assert frequencies(SamplingSettings(1.0, 2, 1.0, 7), logits) == pytest.approx([4 / 7, 3 / 7, 0, 0], abs=0.03)
    assert frequencies(SamplingSettings(1.0, 4, 0.6, 7), logits) == pytest.approx([4 / 7, 3 / 7, 0, 0], abs=0.03)
    assert frequencies(SamplingSettings(1.0, 4, 0.3, 7), logits) == [1.0, 0.0, 0.0, 0.0]


def test_temperature_zero_is_greedy() -> None:
    assert frequencies(SamplingSettings(0.0, 4, 1.0, 7), [0.0, 3.0, 2.9]) == [0.0, 1.0, 0.0]


def test_rows_have_their_own_settings() -> None:
    logits = torch.tensor([[0.0, 1.0, 0.9], [0.0, 1.0, 0.9], [5.0, 1.0, 0.9]])
    settings = [SamplingSettings(0.0, 3, 1.0, 1), SamplingSettings(1.0, 3, 1.0, 2), SamplingSettings(1.0, 1, 1.0, 3)]
    assert drawn(logits, settings, [0.5, 0.999, 0.999]).tolist() == [1, 0, 0]


def test_half_precision_draws_as_full_precision_does() -> None:
    logits = torch.tensor([[0.0, 1.0, 0.5, -2.0]]).repeat(200, 1)
    settings, numbers = [SamplingSettings(0.7, 3, 0.9, 7)] * 200, list(uniforms(7, 200))
    assert drawn(logits.bfloat16(), settings, numbers).tolist() == drawn(logits, settings, numbers).tolist()


def test_greedy_settings_take_the_likeliest() -> None:
    assert drawn(torch.tensor([[0.0, 3.0, 2.9]]), [GREEDY], [0.999]).tolist() == [1]


@pytest.mark.parametrize(("width", "count"), [(64 * 40, 5), (64 * 40, 20), (100, 7), (64 * 3, 3)])
def test_the_largest_are_those_of_topk(width: int, count: int) -> None:
    logits = torch.randn(50, width, generator=torch.Generator().manual_seed(0))
    values, places = largest(logits, count)
    expected = logits.topk(count)
    assert torch.equal(values, expected.values) and torch.equal(places, expected.indices)


def test_a_seed_gives_the_same_numbers() -> None:
    assert list(uniforms(5, 3)) == list(uniforms(5, 3))
    assert list(uniforms(5, 3)) != list(uniforms(6, 3))
    assert list(uniforms(5, 3)) == list(uniforms(5, 100))[:3]
    assert all(0 <= number < 1 for number in uniforms(5, 1000))
