"""How likely given text is under the generator."""

from collections.abc import Sequence

import torch

from gemquad.generation.decoder.decoding import Decoder


@torch.inference_mode()
def log_likelihoods(decoder: Decoder, texts: Sequence[tuple[list[int], list[int]]]) -> list[float]:
    """For each (prefix, continuation) in tokens: the sum of log-probabilities, in nats, of the continuation's tokens.

    Prefixes that texts share are computed once.
    """
    longest = max(len(continuation) for _, continuation in texts)
    sequences = [prefix + continuation for prefix, continuation in texts]
    ids, mask, positions, cache = decoder.start(sequences, least=longest + 1)
    logits = decoder.logits(ids, mask, positions, cache, last=longest + 1)
    return [
        float(logits[row, -len(text) - 1 : -1].float().log_softmax(-1).gather(-1, ids[row, -len(text) :, None]).sum())
        for row, (_, text) in enumerate(texts)
    ]
