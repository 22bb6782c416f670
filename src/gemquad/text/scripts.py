"""The scripts that a text is written in, by the names of its letters in Unicode (`LATIN`, `DEVANAGARI`, `CJK`, `HIRAGANA`)."""

import unicodedata
from collections import Counter
from functools import cache

_SHARE = 0.25
"""So much of a text's letters makes a script one of its own: Latin names in a Hindi text do not make it Latin."""


def shares_script(text: str, other: str) -> bool:
    """Whether at least a quarter of the letters of `text` are of the scripts that `other` is written in; True without letters."""
    letters, others = _scripts(text), _scripts(other)
    own = {script for script, count in others.items() if count >= _SHARE * others.total()}
    shared = sum(count for script, count in letters.items() if script in own)
    return not own or shared >= _SHARE * letters.total()


def _scripts(text: str) -> Counter[str]:
    return Counter(_script(character) for character in text if character.isalpha())


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
