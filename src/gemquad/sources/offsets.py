"""Where an answer stands whose offset does not hold, if that can be said without guessing."""

from gemquad.text.spans import is_boundary


def true_start(passage: str, given: str, start: int) -> tuple[int, str] | None:
    """The code point where the answer `given` begins without its outer white space, and how that is known; None if by a guess.

    It stands at `start` if that is counted in UTF-16 units (JavaScript, Java), in bytes of UTF-8, or is the start without the white
    space; or the passage holds it once, as whole words.
    """
    answer, before = given.strip(), len(given) - len(given.lstrip())
    counted = {
        "counted without the white space before the answer": start,
        "counted in UTF-16 units": _decoded(passage, start, "utf-16-le", 2),
        "counted in bytes of UTF-8": _decoded(passage, start, "utf-8", 1),
    }
    places = [(place, how) for how, at in counted.items() if at is not None and at >= 0 for place in (at, at + before)]
    right = [(place, how) for place, how in places if passage.startswith(answer, place)]
    if len({place for place, _ in right}) == 1:
        return right[0]
    first = passage.find(answer)
    once = first >= 0 and passage.find(answer, first + 1) < 0
    whole = once and is_boundary(passage, first) and is_boundary(passage, first + len(answer))
    return (first, "moved to the only place of the answer") if whole else None


def _decoded(passage: str, start: int, encoding: str, width: int) -> int | None:
    """The code point at which so many units of `width` bytes have passed; None where that is within one, or outside."""
    encoded = passage.encode(encoding)
    if not 0 <= start * width <= len(encoded):
        return None
    try:
        return len(encoded[: start * width].decode(encoding))
    except UnicodeDecodeError:
        return None
