"""Numbers that the environment gives: how something runs, never what comes of it."""

import math
import os

from gemquad.errors import UserError


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
