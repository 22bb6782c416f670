"""Prompts for chat models: the same text, as the turns of a conversation.

All lines of a prompt but the last are what the user says; the last, which the model is to complete, opens the assistant's turn.

A template is a program that comes with the model. Jinja's sandbox keeps it from files and from Python, not from looping for ever or
filling the memory; so it is tried out first in a process of its own, with little of both.
"""

import json
import subprocess
import sys
from functools import cache
from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from gemquad.errors import UserError
from gemquad.pretrained import Origin

_SECONDS = 20
_DAY: dict[str, Any] = {"date_string": "26 Jul 2024"}
"""The date that Llama's own template falls back to. Left alone it tells today's, and tomorrow the same prompt is another."""

_TEMPLATE = Origin(
    "the chat template of the generator", "Mend its chat_template, or set -S generator.chat=false.", "cannot be applied"
)
_TRIAL = """
import json, resource, sys
from transformers.utils.chat_template_utils import render_jinja_template
given = json.load(sys.stdin)
if sys.platform == "linux":
    resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))
try:
    render_jinja_template(**given)
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}".splitlines()[0])
"""


def chat_tokens(prompt: str, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Token ids of the prompt in the model's chat template, up to where the completion begins.

    Raises:
        UserError: the model has no chat template, or one that fails or does not end.
    """
    if not tokenizer.chat_template:
        raise UserError(
            "generator.chat is true, but the model has no chat template: it is a base model. Set -S generator.chat=false."
        )
    instruction, _, begun = prompt.rpartition("\n")
    with _TEMPLATE.loading():
        _try_out(tokenizer.get_chat_template(), json.dumps(tokenizer.special_tokens_map))
        turns = _turns(instruction or begun, begun)
        tokens: Any = tokenizer.apply_chat_template(turns, continue_final_message=True, return_dict=False, **_DAY)
        return list(tokens)


def _turns(instruction: str, begun: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": instruction}, {"role": "assistant", "content": begun}]


@cache
def _try_out(template: str, marks: str) -> None:
    """Apply a template where it can be stopped."""
    conversation = {"conversations": [_turns("Text: Ana lives in Lima.", "Question:")], "continue_final_message": True}
    given = json.dumps({**conversation, "chat_template": template, **_DAY, **json.loads(marks)})
    command = [sys.executable, "-P", "-c", _TRIAL]  # -P: no module of the working directory
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise _TEMPLATE.refused(f"does not end within {_SECONDS} seconds.") from error
    if done.returncode:
        raise _TEMPLATE.refused(f"cannot be applied: {done.stderr.strip().rpartition(chr(10))[2] or 'killed'}.")


def turn_ends(model: PreTrainedModel) -> tuple[int, ...]:
    """The tokens with which the model ends its turn, beside the tokenizer's own end of text."""
    ends = model.generation_config.eos_token_id if model.generation_config else None
    return tuple(ends) if isinstance(ends, list) else (ends,) if isinstance(ends, int) else ()
