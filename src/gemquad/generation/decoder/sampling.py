"""Draw the next token of every row by the row's own temperature, top-k, top-p and random numbers.

GeMQuAD draws top-k in 50–100 and top-p in 0.5–0.95 anew for every prompt (arXiv 2404.09163, section 3.1), so the rows of a
batch rarely agree. A row's uniform numbers come from its own counter-based generator: its tokens do not depend on its
neighbours, up to floating point.
"""

import numpy as np
import torch
from torch import Tensor

_CHUNK = 64


def uniforms(seed: int, count: int) -> np.ndarray:
    """`count` numbers in [0, 1) that depend on `seed` alone, on every machine."""
    return np.random.Generator(np.random.Philox(seed)).random(count)


def draw(
    logits: Tensor, temperature: Tensor, top_k: Tensor, top_p: Tensor, uniform: Tensor, most: int | None = None
) -> Tensor:
    """Sample one token per row by inverse transform, without waiting for the device.

    Args:
        logits: [rows, vocabulary].
        temperature: [rows]; 0 is greedy.
        top_k: [rows], each at most `most`; None is the whole vocabulary.
        top_p: [rows].
        uniform: [rows], one number in [0, 1) for each row.

    Returns:
        [rows] token ids. Top-k applies before top-p, both after temperature, as in transformers.
    """
    values, tokens = largest(logits, min(most or logits.shape[-1], logits.shape[-1]))
    values = values.float()  # (rows, most), falling; so are all below up to `target`
    outside_top_k = torch.arange(values.shape[-1], device=logits.device) >= top_k[:, None]
    scaled = values / temperature.clamp(min=1e-4)[:, None]
    probabilities = scaled.masked_fill(outside_top_k, -torch.inf).softmax(-1)
    before = probabilities.cumsum(-1) - probabilities
    probabilities = probabilities.masked_fill(before >= top_p[:, None], 0.0)
    cumulative = probabilities.cumsum(-1)
    target = uniform[:, None] * cumulative[:, -1:]  # (rows, 1): what is left is not normalised again
    # (rows,): the first token whose cumulative probability is over the target
    index = (cumulative <= target).sum(-1).clamp(max=values.shape[-1] - 1)
    index = torch.where(temperature == 0, 0, index)
    return tokens.gather(-1, index[:, None])[:, 0]


def largest(logits: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` largest values of each row, descending, and their indices: `topk`, but faster for wide rows.

    A value among the `count` largest stands in one of the `count` chunks with the largest maxima, because each other such chunk
    holds a value that is larger. So only those are searched.
    """
    rows, width = logits.shape
    if width % _CHUNK or width // _CHUNK <= 2 * count:
        values, places = logits.topk(count, dim=-1)
        return values, places
    chunked = logits.view(rows, -1, _CHUNK)  # (rows, chunks, _CHUNK)
    chunks = chunked.amax(-1).topk(count, dim=-1, sorted=False).indices  # (rows, count)
    candidates = chunked.gather(1, chunks[..., None].expand(-1, -1, _CHUNK)).flatten(1)  # (rows, count × _CHUNK)
    values, within = candidates.topk(count, dim=-1)
    places = chunks.gather(1, within // _CHUNK) * _CHUNK + within % _CHUNK
    return values, places
