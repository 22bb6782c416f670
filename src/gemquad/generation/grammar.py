"""The fields of a completion as a grammar, and the way back from text to fields.

A free field is one line. An extracted field is a piece of its source that begins and ends with a word. GBNF, which llama.cpp and
xgrammar read, says that by a chain of rules, one for every place where an answer may end, each adding the text up to the next
place. llguidance's Lark has a term for it, a substring in chunks, which it compiles in a quarter of the time
(docs/decisions/27-own-decoder.md).
"""

import json
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from gemquad.tasks.requests import Field, GenerationResult, Request
from gemquad.text.spans import begins_word, ends_word, is_word_character

BLANK_LINE = "\n\n"  # ends a block of a prompt, and so a completion
_LINE = r"/[^\n]+/"
_WORD_CHARACTER = r"[\p{L}\p{M}\p{N}]"  # as spans.is_word_character has it


def by_grammar(constrained: bool) -> tuple[str, ...]:
    """The settings that a backend which sends a grammar, or only a prompt, does not apply: it draws all fields alike."""
    extraction = ("answer", "stop_logit_bias") if constrained else ()
    return (*extraction, "a limit of tokens for each field (their sum is one)")


def grammar(request: Request) -> str:
    """A grammar whose sentences are exactly the completions that keep to the request's fields."""
    parts, rules = [], []
    for number, field in enumerate(request.fields):
        if field.lead:
            parts.append(_literal(field.lead))
        parts.extend([f"f{number}", _literal("\n")])
        rules.extend(
            _extracted(request.source, f"f{number}") if field.mode == "extract" else [f"f{number} ::= [^\\n]+"]
        )
    return "\n".join([f"root ::= {' '.join(parts)}", *rules]) + "\n"


def lark_grammar(request: Request) -> str:
    """The sentences of `grammar(request)` in llguidance's Lark."""
    parts, terminals = [], []
    for number, field in enumerate(request.fields):
        if field.lead:
            parts.append(json.dumps(field.lead))
        parts.extend([f"F{number}", r'"\n"'])
        extracted = field.mode == "extract" and any(map(is_word_character, request.source))
        terminals.append(f"F{number}: {_substring(request.source) if extracted else _LINE}")
    return "\n".join([f"start: {' '.join(parts)}", *terminals]) + "\n"


def read_fields(text: str, fields: Sequence[Field], complete: bool) -> GenerationResult:
    """The fields of a completion's text, one line each; `complete` tells that the text was not cut off by a token limit."""
    generated = GenerationResult()
    lines = text.lstrip("\n").split("\n")
    for number, field in enumerate(fields):
        line = lines[number] if number < len(lines) else None
        if line is None or not line.strip().startswith(field.lead):
            return generated
        generated.texts[field.name] = line.strip().removeprefix(field.lead)
    generated.finished = complete or len(lines) > len(fields)
    return generated


def _substring(source: str) -> str:
    """A run of the source's words and what stands between them, within a line, from word to word."""
    cuts = {i for i in range(1, len(source)) if begins_word(source, i) or ends_word(source, i)}
    chunks = [source[start:end] for start, end in pairwise(sorted({0, len(source), *cuts}))]
    word_to_word = f"/{_WORD_CHARACTER}(.*{_WORD_CHARACTER})?/"
    return f'" "? (%regex {json.dumps({"substring_chunks": chunks})} & {word_to_word})'


def _extracted(source: str, name: str) -> list[str]:
    ends = [i for i in range(1, len(source) + 1) if ends_word(source, i)]
    begins = [i for i in range(len(source)) if begins_word(source, i)]
    if not begins:
        return [f"{name} ::= [^\\n]+"]
    firsts = [(begin, bisect_right(ends, begin)) for begin in begins]
    starts = dict.fromkeys(f"{_literal(source[begin : ends[end]])} {name}-{end}" for begin, end in firsts)
    chain = []
    for number, (end, following) in enumerate(pairwise(ends)):
        between = source[end:following]
        longer = "" if "\n" in between else f" | {_literal(between)} {name}-{number + 1}"
        chain.append(f'{name}-{number} ::= ""{longer}')
    return [f'{name} ::= " "? ({" | ".join(starts)})', *chain, f'{name}-{len(ends) - 1} ::= ""']


def _literal(text: str) -> str:
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return f'"{escaped}"'
