"""What a server's answer to one request says: a text to read the fields from, or the reason why it is a rejected completion."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gemquad.generation.backends.thoughts import without_thoughts
from gemquad.generation.grammar import read_fields
from gemquad.tasks.requests import GenerationResult, Request

_SHOWN = 300  # characters of what a rejected completion has in place of a text
_MOST_TOKENS = 10**9  # a larger count is no count


def rejected(outcome: str, words: object = "") -> GenerationResult:
    """A completion that cannot be read, with what the server said."""
    texts = {"server": _storable(str(words))[:_SHOWN]} if words else {}
    return GenerationResult(texts=texts, rejected=outcome)


def read_answer(answer: dict[str, Any], request: Request, count: Callable[[str], int]) -> GenerationResult:
    """The completion in an answer of either endpoint; `count` estimates the tokens that the server does not count."""
    text, thought, finish = said(answer)
    reason = _rejection(answer, text, thought, finish)
    # A chat model tends to repeat the label that the prompt ends with.
    fields = text.lstrip().removeprefix(request.prompt.rsplit("\n", 1)[-1]) if _is_chat(answer) else text
    read = rejected(reason, thought or text) if reason else read_fields(fields, request.fields, finish != "length")
    used = answer.get("usage")
    return replace(
        read,
        prompt_tokens=_used(used, "prompt_tokens", count(request.prompt)),
        completion_tokens=_used(used, "completion_tokens", count(text + thought) if text + thought else 0),
    )


def said(answer: dict[str, Any]) -> tuple[str, str, object]:
    """The text without the thought before it, the thought, and why the text ended; all "" where there is none."""
    choice = _choice(answer)
    message = choice["message"] if _is_chat(answer) else choice
    text = _joined(message.get("content", message.get("text")))
    thought = _joined(message.get("reasoning_content") or message.get("reasoning"))
    spoken, told_within = without_thoughts(text)
    return spoken, thought + told_within, choice.get("finish_reason")


def _rejection(answer: dict[str, Any], text: str, thought: str, finish: object) -> str:
    if finish == "content_filter":
        return "content filter"
    if text.strip():
        return ""
    if thought.strip():
        return "only a thought"
    return "" if finish == "length" else "no text" if _choice(answer) else "no completion"


def _choice(answer: dict[str, Any]) -> dict[str, Any]:
    first = next(iter(answer["choices"]), None)
    return first if isinstance(first, dict) else {}


def _is_chat(answer: dict[str, Any]) -> bool:
    return isinstance(_choice(answer).get("message"), dict)


def _joined(content: object) -> str:
    """A text, or a list of parts of which some are texts."""
    parts = content if isinstance(content, list) else [content]
    texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
    return _storable("".join(text for text in texts if isinstance(text, str)))


def _storable(text: str) -> str:
    """JSON can hold halves of characters, which no file can."""
    return text.encode("utf-8", "replace").decode()


def _used(usage: object, name: str, estimate: int) -> int:
    count = usage.get(name) if isinstance(usage, dict) else None
    return count if type(count) is int and 0 <= count < _MOST_TOKENS else estimate
