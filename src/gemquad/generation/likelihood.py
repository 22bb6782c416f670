"""How likely given text is under the generator."""

from collections.abc import Sequence

import torch

from gemquad.generation.batching import left_pad
from gemquad.generation.decoding import Decoder
from gemquad.progress import Progress


@torch.inference_mode()
def log_likelihoods(decoder: Decoder, texts: Sequence[tuple[str, str]], batch_size: int, label: str) -> list[float]:
    """For each (prefix, continuation): the sum of log-probabilities, in nats, of the continuation's tokens.

    Prefix and continuation are tokenised apart, so the continuation should begin at a token boundary (with its space).
    """
    encoded = [
        (decoder.tokenizer(prefix)["input_ids"], decoder.token_ids(continuation)) for prefix, continuation in texts
    ]
    order = sorted(range(len(encoded)), key=lambda i: sum(map(len, encoded[i])))
    result = [0.0] * len(encoded)
    with Progress(label, len(order), "texts") as progress:
        for at in range(0, len(order), batch_size):
            batch = order[at : at + batch_size]
            ids, mask, positions = left_pad([encoded[i][0] + encoded[i][1] for i in batch], decoder.model.device)
            longest = max(len(encoded[i][1]) for i in batch)
            logits = decoder.model(
                input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=False, logits_to_keep=longest + 1
            ).logits[:, :-1]
            tokens = ids[:, -longest:]
            chosen = logits.gather(-1, tokens[..., None])[..., 0].float() - logits.float().logsumexp(-1)
            for row, i in enumerate(batch):
                result[i] = float(chosen[row, longest - len(encoded[i][1]) :].sum())
            progress.advance(len(batch))
    return result
