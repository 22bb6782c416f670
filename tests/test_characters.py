"""What a text may not hold, and how texts of others are shown."""

import pytest

from gemquad.text.characters import flaw, on_one_line, shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\ud83d", "a half of a surrogate pair (U+D83D at offset 1)"),
        ("\udc00\ud83d", "a half of a surrogate pair (U+DC00 at offset 0, and 1 more such)"),
        ("\0", "a control character (U+0000 at offset 0)"),
        ("नम\x1b[2J\x9b\x7f", "a control character (U+001B at offset 2, and 2 more such)"),
        ("ab\u202e", "a control character (U+202E at offset 2)"),
        ("\u2069", "a control character (U+2069 at offset 0)"),
    ],
)
def test_what_may_not_stand_in_a_text_is_named_with_its_place(text: str, said: str) -> None:
    assert flaw(text) == said


@pytest.mark.parametrize(
    "text", ["", "a\tb\r\nc\n", "مى\u200cخ\u200e\u200f\u061c", "क्\u200dष", "\ufeff\u200b\u00a0\u3000", "😀🏴\U000e0067"]
)
def test_what_belongs_to_the_spelling_of_a_language_is_sound(text: str) -> None:
    assert flaw(text) == ""


def test_a_value_is_shown_shortened() -> None:
    assert shown("Lima") == "'Lima'" and shown(7) == "7" and shown(None) == "None"
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    for value in ("a" * 9000, [["b" * 9000] * 99] * 99, {str(n): n for n in range(9000)}, 10**4000, deep):
        assert len(shown(value)) < 1000


def test_a_message_is_one_line_of_under_2000_characters() -> None:
    assert on_one_line(" a\nb\x1b\u2028 é ") == r"a\nb\x1b\u2028 é"
    long = on_one_line("a" * 5000 + "\n" * 5000 + ".")
    assert len(long) < 2000 and long.startswith("aaa") and long.endswith(r"\n.") and " … " in long
