"""Numbers and addresses that the environment gives: how something runs, never what comes of it."""

import math
import os
import re

from gemquad.errors import UserError

_ADDRESS = re.compile(r"([\w+.-]+://)?(?:[^/?#\r\n]*@)?([^@?#\r\n]*)(?:[?#][^@]*)?")


def positive_number(variable: str, default: int) -> int:
    """A whole number, 0 or more, from the environment variable, else the default."""
    text = os.environ.get(variable, "").strip() or str(default)
    if not text.isdigit():
        raise UserError(f"environment variable {variable} is {text!r}; expected a whole number, e.g. {variable}=2.")
    return int(text)


def number(variable: str, default: float, unit: str, remedy: str) -> float:
    """A number of `unit` from the environment variable, else the default.

    Raises:
        UserError: it is none; `remedy` says what to set.
    """
    setting = os.environ.get(variable, str(default))
    try:
        value = float(setting)
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise UserError(f"{variable} is '{setting}', not a number of {unit}. {remedy}")
    return value


def shown_address(url: str) -> str:
    """An address without user, password, query and fragment; nothing of it where those cannot be told from the rest."""
    parts = _ADDRESS.fullmatch(url)
    return f"{parts[1] or ''}{parts[2]}" if parts and url else "the address that is set"
