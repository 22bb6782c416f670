"""Logits from the last hidden states: of the whole vocabulary, or of the few words that may come next."""

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel


class OutputHead:
    """The output embeddings of a causal language model, [vocabulary, hidden].

    A vocabulary of 262,144 words costs more for each new token than all layers of a model of 270M parameters. So a row whose next
    word is given asks for none, and a row that extracts an answer for those of its passage.
    """

    def __init__(self, model: PreTrainedModel) -> None:
        head = model.get_output_embeddings()
        assert isinstance(head, nn.Linear)
        self._weight, self._bias = head.weight, head.bias
        shape = model.config.get_text_config()
        self._scale = getattr(shape, "logit_scale", None)  # Cohere's, such as Aya
        self._cap = getattr(shape, "final_logit_softcapping", None)

    def all(self, hidden: Tensor) -> Tensor:
        """Logits of the whole vocabulary: from [rows, hidden] to [rows, vocabulary]."""
        return self._finished(nn.functional.linear(hidden, self._weight, self._bias))

    def some(self, hidden: Tensor, words: Tensor) -> Tensor:
        """Logits of some words: from [rows, hidden] and token ids [rows, words], or [words] for all rows, to fp32 [rows, words]."""
        weight = self._weight[words]
        logits = hidden @ weight.T if words.ndim == 1 else torch.einsum("rh,rwh->rw", hidden, weight)
        if self._bias is not None:
            logits = logits + self._bias[words]
        return self._finished(logits.float())

    def _finished(self, logits: Tensor) -> Tensor:
        logits = logits if self._scale is None else self._scale * logits
        return logits if self._cap is None else self._cap * torch.tanh(logits / self._cap)
