"""Where an answer stands whose offset does not hold, if that can be said without guessing."""

from gemquad.spans import is_boundary


def true_start(passage: str, answer: str, start: int) -> tuple[int, str] | None:
    """The code point where `answer` begins, and how that is known; None where it would be a guess.

    The offset holds when it is counted in UTF-16 units (JavaScript, Java) or in bytes of UTF-8; or the passage holds the answer
    once, as whole words.
    """
    units = {
        "counted in UTF-16 units": _decoded(passage, start, "utf-16-le", 2),
        "counted in bytes of UTF-8": _decoded(passage, start, "utf-8", 1),
    }
    right = [(at, unit) for unit, at in units.items() if at is not None and passage.startswith(answer, at)]
    if len({at for at, _ in right}) == 1:
        return right[0]
    first = passage.find(answer)
    once = first >= 0 and passage.find(answer, first + 1) < 0
    whole = once and is_boundary(passage, first) and is_boundary(passage, first + len(answer))
    return (first, "moved to the only place of the answer") if whole else None


def _decoded(passage: str, start: int, encoding: str, width: int) -> int | None:
    """The code point at which so many units of `width` bytes have passed; None where that is within one, or outside."""
    encoded = passage.encode(encoding, "surrogatepass")
    if not 0 <= start * width <= len(encoded):
        return None
    try:
        return len(encoded[: start * width].decode(encoding))
    except UnicodeDecodeError:
        return None
