import pytest

from gemquad.text.scripts import shares_script


@pytest.mark.parametrize(
    ("text", "other", "shared"),
    [
        ("Where?", "आना लीमा में रहती है।", False),
        ("NASA में कौन है?", "आना लीमा में रहती है।", True),
        ("कहाँ?", "Ana vive en Lima.", False),
        ("何ですか。", "東京は日本のしゅとです。", True),  # HIRAGANA and CJK are scripts of the one passage
        ("Was?", "Что это? Лима.", False),
        ("Where?", "आना NASA में रहती है।", True),  # NASA is over a quarter of the letters
        ("12?", "आना", True),
        ("Where?", "12", True),
        ("", "", True),
    ],
)
def test_a_text_shares_a_script_by_a_quarter_of_its_letters(text: str, other: str, shared: bool) -> None:
    assert shares_script(text, other) is shared
