"""What a model thinks before it answers, told apart from the answer by the marks of the common families.

`<think>` (DeepSeek, Qwen) and its like in other words, `[THINK]` (Magistral), `◁think▷` (Kimi), `<|begin_of_thought|>`,
`<|START_THINKING|>` (Command), `<|channel|>analysis` (gpt-oss), `<|channel>thought` (Gemma), `<unused94>thought` (MedGemma).
"""

import re

_WORD = r"(?:\w{1,9}:)?(?:ant)?(?:think|thinking|thoughts?|reason|reasoning|reflection|analysis|scratchpad|cot)"
_ASIDE = r"(?:<\|start\|>assistant)?<\|channel\|?>\s{0,9}"
_OPENING = rf"""
    ^[ \t]{{0,9}} (?: <{_WORD}(?:\s[^<>]{{0,99}})?> | \[{_WORD}\] | ◁{_WORD}▷ | <\|(?:begin_of_|start_)?{_WORD}\|>
      | {_ASIDE}(?:analysis|commentary|{_WORD})\b (?: [^<]{{0,40}} <\|message\|> )? | <unused94>(?:thought)? )
"""
_CLOSING = rf"""
    </{_WORD}\s{{0,9}}> | \[/{_WORD}\] | ◁/{_WORD}▷ | <\|/{_WORD}\|> | <\|end_(?:of_)?{_WORD}\|>
      | {_ASIDE}final\b (?: [^<]{{0,40}} <\|message\|> )? | <channel\|> | <unused95>
"""
_MARK = re.compile(rf"(?P<opening>{_OPENING})|{_CLOSING}", re.IGNORECASE | re.MULTILINE | re.VERBOSE)
_ENDS = ("<|end|>", "<|return|>")


def without_thoughts(text: str) -> tuple[str, str]:
    """(`text` without thoughts, the thoughts); one without an opening began in the prompt, one without an end is cut off."""
    spoken, thoughts, at, is_thought = list[str](), list[str](), 0, False
    for mark in _MARK.finditer(text):
        piece, at = text[at : mark.start()], mark.end()
        if mark["opening"] is None and not is_thought:
            thoughts.extend((*spoken, piece))
            spoken.clear()
        else:
            (thoughts if is_thought else spoken).append(piece)
        is_thought = mark["opening"] is not None
    if not at:
        return text, ""
    (thoughts if is_thought else spoken).append(text[at:])
    left = "".join(spoken)
    for end in _ENDS:
        left = left.removesuffix(end)
    return left, "".join(thoughts)
