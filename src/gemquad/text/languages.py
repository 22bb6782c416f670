"""Language codes are BCP-47, however they are written: `zh-TW`, `zh_tw`, `pt-BR`, `ES`. Data keep the code that their user wrote.

A rule for a language serves its varieties: one for `zh` serves `zh-TW`.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import TypeVar

from langcodes import LanguageTagError, standardize_tag, tag_is_valid

V = TypeVar("V")


def rule_for(rules: Mapping[str, V], code: str) -> V | None:
    """The rule of a language, else that of the nearest broader code: `zh-Hant-TW`, `zh-Hant`, `zh`."""
    by_code = {standard(key): rule for key, rule in rules.items()}
    return next((by_code[wider] for wider in _widening(code) if wider in by_code), None)


@cache
def standard(code: str) -> str:
    """The standard form of a code (`es_es` is `es-ES`); anything that is not a code is returned unchanged."""
    try:
        return standardize_tag(code)
    except LanguageTagError:
        return code


@cache
def is_language(code: str) -> bool:
    """Whether every part of the code is registered (IANA's registry of language subtags)."""
    return code != "" and tag_is_valid(code)


def nearest_language(code: str) -> str:
    """The code probably meant by a wrong one: `es` for `spanish`, `Spansh` and `es-nonsense`, `ja` for `jp`."""
    from babel import Locale
    from babel.core import get_global

    first = re.split(r"[-_]", code.lower())[0]
    if is_language(first):
        return first
    if spoken := get_global("likely_subtags").get(f"und_{first.upper()}"):
        return str(spoken.split("_")[0])
    by_name = {name.lower(): known for known, name in Locale("en").languages.items()}
    (near,) = get_close_matches(first, [*by_name, *by_name.values()], n=1, cutoff=0.0)
    return str(by_name.get(near, near))


@cache
def _widening(code: str) -> tuple[str, ...]:
    """The code, then without its last part, and so on; at last the language that it is counted to, `zh` for `cmn`."""
    parts = standard(code).split("-")
    wider = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return (*wider, standardize_tag(wider[-1], macro=True) if is_language(wider[-1]) else wider[-1])
