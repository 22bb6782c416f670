"""Texts of others: what none may hold, and how they are shown in a message."""

import re
from reprlib import Repr

_HALF = re.compile("[\ud800-\udfff]")
_UNSOUND = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Halves of surrogate pairs, control characters but tab and line breaks, and those that turn the direction of what follows.

Marks of direction (U+200E, U+200F, U+061C) and joiners (U+200C, U+200D) belong to the spelling of several languages.
"""
_BREAKS = re.compile(f"{_UNSOUND.pattern}|[\t\n\r\u2028\u2029]")
_LONGEST = 1900
"""Characters of a message."""
_REPR = Repr()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 80
_REPR.maxlevel = _REPR.maxlist = _REPR.maxdict = 2


def flaw(text: str) -> str:
    """What stands in `text` and may not, in words that fit behind "holds"; "" for a sound text.

    A half of a surrogate pair, which JSON can hold, has no UTF-8. A control character hides what a person would read; one taken
    out here would shift the offsets behind it.
    """
    found = _UNSOUND.findall(text)
    if not found:
        return ""
    kind = "a half of a surrogate pair" if _HALF.match(found[0]) else "a control character"
    more = f", and {len(found) - 1} more such" if found[1:] else ""
    return f"{kind} (U+{ord(found[0]):04X} at offset {text.index(found[0])}{more})"


def is_encodable(text: str) -> bool:
    """Whether `text` can be encoded in UTF-8."""
    return not _HALF.search(text)


def shown(value: object) -> str:
    """A value of others in a message: as Python writes it, shortened where it is long or deep."""
    return _REPR.repr(value)


def on_one_line(message: str) -> str:
    """The message with its control characters and line breaks escaped, without its middle where it is over 2,000 characters."""
    escaped = _BREAKS.sub(lambda found: repr(found[0])[1:-1], message.strip())
    half = _LONGEST // 2
    return escaped if len(escaped) <= _LONGEST else f"{escaped[:half]} … {escaped[-half:]}"
