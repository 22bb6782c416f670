"""Whether a model and its tokenizer can be a student: what would otherwise fail deep inside, on some text or other."""

import inspect
from typing import cast

from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from gemquad.pretrained import Origin

SEGMENTS = "token_type_ids"
"""A tokenizer's and a model's name for the number of the text, 0 or 1, that a token belongs to."""

_MARKS = ("bos", "eos", "pad", "cls", "sep", "unk")


def check_fit(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, max_length: int | None, origin: Origin
) -> None:
    """Refuse what cannot read texts of `max_length` tokens; the model's weights are not looked at.

    Raises:
        UserError: the tokenizer does not tell where tokens stand, is empty or knows more words than the model; or the model has
            too few positions.
    """
    check_tokenizer(tokenizer, origin)
    words = len(cast(nn.Embedding, model.get_input_embeddings()).weight)
    marks = [getattr(tokenizer, f"{mark}_token_id", None) or 0 for mark in _MARKS]
    if (known := max(tokenizer.vocab_size, 1 + max(marks))) > words:
        raise origin.refused(
            f"has embeddings for {words} tokens, and a tokenizer of {known}: the two are not of a kind."
        )
    limit = positions(model)
    if max_length and limit and max_length > limit:
        raise origin.refused(
            f"reads {limit} tokens at once, and student.max_length is {max_length}: set at most {limit}."
        )


def check_tokenizer(tokenizer: PreTrainedTokenizerBase, origin: Origin) -> None:
    """Refuse a tokenizer that does not tell where in a text its tokens stand, as those written in Python; or one without words."""
    if not tokenizer.is_fast:
        name = type(tokenizer).__name__
        raise origin.refused(f"has a tokenizer ({name}) that does not tell where tokens stand: it is no fast one.")
    if tokenizer.vocab_size <= len(set(tokenizer.all_special_ids)):
        raise origin.refused("has no tokenizer, or an empty one: tokenizer.json is missing.")


def positions(model: PreTrainedModel) -> int | None:
    """The most tokens that a model can place; None where it says nothing of it."""
    config, base = model.config.get_text_config(), model.base_model
    for name, table in base.named_modules():
        if name.endswith("position_embeddings") and isinstance(table, nn.Embedding):  # XLM-R's count behind its padding
            return table.num_embeddings - (0 if table.padding_idx is None else table.padding_idx + 1)
    if getattr(config, "relative_attention", False):
        return None
    return max(getattr(config, "max_position_embeddings", None) or 0, 0) or None


def agree(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """Have `tokenizer` tell the texts of a pair apart only where `model` was made for that, as BERT is; and know no other marks.

    Gemma 3's on the hub knows marks that the model has no embedding for: in a text they are read as words.
    """
    if len(tokenizer) > len(cast(nn.Embedding, model.get_input_embeddings()).weight):
        tokenizer.split_special_tokens = True
    taken = SEGMENTS in inspect.signature(model.forward).parameters
    if not taken or getattr(model.config, "type_vocab_size", 0) < 2:
        tokenizer.model_input_names = [name for name in tokenizer.model_input_names if name != SEGMENTS]
