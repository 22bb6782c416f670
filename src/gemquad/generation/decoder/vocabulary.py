"""Which tokens end a field."""

from collections.abc import Sequence

import torch
from transformers import PreTrainedTokenizerBase


class Vocabulary:
    """The roles of tokens in a field, as sets of ids and as tables [vocabulary] on `device`.

    Attributes:
        line_break: the token that ends a line.
        pure: tokens that end a field and add nothing to it.
        mixed: tokens that hold the last characters of a line and its break, "?\\n" for one.
        blank: tokens of white space alone.
        pure_endings, empty_endings: ids of `pure`, and of all that end a field without a word.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, size: int, device: torch.device, turn_ends: Sequence[int] = ()
    ) -> None:
        pieces = tokenizer.batch_decode([[i] for i in range(len(tokenizer))])
        self.line_break = tokenizer("\n", add_special_tokens=False)["input_ids"][-1]
        self.pure = {i for i, piece in enumerate(pieces) if piece.startswith("\n")} | {
            tokenizer.eos_token_id,
            *turn_ends,
        }
        self.mixed = {i for i, piece in enumerate(pieces) if "\n" in piece} - self.pure
        self.blank = {i for i, piece in enumerate(pieces) if not piece.strip()}
        self.pure_endings = torch.tensor(sorted(self.pure), device=device)
        self.empty_endings = torch.tensor(sorted(self.pure | (self.mixed & self.blank)), device=device)
        self.is_pure, self.is_mixed, self.is_blank = (
            torch.zeros(size, dtype=torch.bool)
            .index_fill(0, torch.tensor(sorted(ids), dtype=torch.long), True)
            .to(device)
            for ids in (self.pure, self.mixed, self.blank)
        )
