"""Numbers that the environment gives: how something runs, never what comes of it."""

import os

from gemquad.errors import UserError


def positive_number(variable: str, default: int) -> int:
    """A whole number, 0 or more, from the environment."""
    text = os.environ.get(variable, "").strip() or str(default)
    if not text.isdigit():
        raise UserError(f"environment variable {variable} is {text!r}; expected a whole number, e.g. {variable}=2.")
    return int(text)
