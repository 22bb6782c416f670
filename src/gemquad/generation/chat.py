"""Prompts for chat models: the same text, as the turns of a conversation.

All lines of a prompt but the last are what the user says; the last, which the model is to complete, opens the assistant's turn.
"""

from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from gemquad.errors import UserError


def chat_tokens(prompt: str, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Token ids of the prompt in the model's chat template, up to where the completion begins.

    Raises:
        UserError: the model has no chat template.
    """
    if not tokenizer.chat_template:
        raise UserError(
            "generator.chat is true, but the model has no chat template: it is a base model. Set -S generator.chat=false."
        )
    instruction, _, begun = prompt.rpartition("\n")
    turns = [{"role": "user", "content": instruction or begun}, {"role": "assistant", "content": begun}]
    tokens: Any = tokenizer.apply_chat_template(turns, continue_final_message=True, return_dict=False)
    return list(tokens)


def turn_ends(model: PreTrainedModel) -> tuple[int, ...]:
    """The tokens with which the model ends its turn, beside the tokenizer's own end of text."""
    ends = model.generation_config.eos_token_id if model.generation_config else None
    return tuple(ends) if isinstance(ends, list) else (ends,) if isinstance(ends, int) else ()
