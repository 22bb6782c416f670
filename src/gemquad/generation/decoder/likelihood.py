"""How likely given text is under the generator."""

from collections.abc import Sequence

import torch

from gemquad.generation.decoder.attention import KeyValues
from gemquad.generation.decoder.batching import shared_prefixes
from gemquad.generation.decoder.decoding import Decoder

_ROWS = 256  # of logits at once: 256 MiB in fp32 for a vocabulary of 262,144 words


@torch.inference_mode()
def log_likelihoods(decoder: Decoder, texts: Sequence[tuple[list[int], list[int]]]) -> list[float]:
    """For each (prefix, continuation) in tokens: the sum of log-probabilities, in nats, of the continuation's tokens.

    Prefixes that texts share are computed once.
    """
    sequences = [(prefix + continuation)[:-1] for prefix, continuation in texts]
    # The last token of a prefix says how likely the first one after it is.
    before = [len(prefix) - 1 for prefix, _ in texts]
    shared = [min(pair) for pair in zip(shared_prefixes(sequences), before, strict=True)]
    store = KeyValues(len(texts), max(map(len, sequences)))
    states = decoder.read(store, range(len(texts)), sequences, shared)
    # The states that predict a continuation's tokens, (tokens of all continuations, hidden), and those tokens
    telling = torch.cat([own[begin - tokens :] for own, begin, tokens in zip(states, before, shared, strict=True)])
    targets = torch.tensor([token for _, continuation in texts for token in continuation], device=decoder.device)
    logprobs = torch.cat(
        [
            decoder.head.all(some).float().log_softmax(-1).gather(-1, words[:, None])[:, 0]
            for some, words in zip(telling.split(_ROWS), targets.split(_ROWS), strict=True)
        ]
    )
    return [float(own.sum()) for own in logprobs.cpu().split([len(continuation) for _, continuation in texts])]
