"""Draw the next token of every row by the row's own temperature, top-k, top-p and random numbers.

GeMQuAD draws top-k in 50–100 and top-p in 0.5–0.95 anew for every prompt (arXiv 2404.09163, section 3.1), so the rows of a
batch rarely agree. A row's uniform numbers come from its own counter-based generator: its tokens do not depend on its
neighbours, up to floating point.
"""

import numpy as np
import torch
from torch import Tensor

from gemquad.generation.request import Settings


def uniforms(seed: int, count: int) -> np.ndarray:
    """`count` numbers in [0, 1), the same for this seed on every machine."""
    return np.random.Generator(np.random.Philox(seed)).random(count)


def draw(logits: Tensor, settings: list[Settings], uniforms: list[float]) -> Tensor:
    """Sample one token per row by inverse transform.

    Args:
        logits: [rows, vocabulary].
        settings: of each row.
        uniforms: one number in [0, 1) for each row.

    Returns:
        [rows] token ids. Top-k applies before top-p, both after temperature, as in transformers.
    """
    device = logits.device
    top_k = torch.tensor([s.top_k for s in settings], device=device)[:, None]
    top_p = torch.tensor([s.top_p for s in settings], device=device)[:, None]
    temperature = torch.tensor([s.temperature for s in settings], device=device)[:, None]
    values, tokens = logits.topk(min(int(top_k.max()), logits.shape[-1]), dim=-1)
    values = values.float()
    outside_top_k = torch.arange(values.shape[-1], device=device)[None] >= top_k
    probabilities = (values / temperature.clamp(min=1e-4)).masked_fill(outside_top_k, -torch.inf).softmax(-1)
    before = probabilities.cumsum(-1) - probabilities
    probabilities = probabilities.masked_fill(before >= top_p, 0.0)
    cumulative = probabilities.cumsum(-1)
    target = torch.tensor(uniforms, device=device)[:, None] * cumulative[:, -1:]
    index = (cumulative <= target).sum(-1, keepdim=True).clamp(max=values.shape[-1] - 1)
    index = torch.where(temperature == 0, 0, index)
    return tokens.gather(-1, index)[:, 0]
