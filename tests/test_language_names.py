import pytest

from gemquad.report.languages import direction, language_name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("es", "Spanish"),
        ("hi", "Hindi"),
        ("zh-TW", "Chinese (Traditional, Taiwan)"),
        ("pt_BR", "Portuguese (Brazil)"),
        ("akk", "Akkadian"),
    ],
)
def test_languages_and_their_varieties_have_english_names(code: str, name: str) -> None:
    assert language_name(code) == name


def test_a_code_without_a_name_is_its_own() -> None:
    assert [language_name(code) for code in ("bzd", "xx-nonsense", "")] == ["bzd", "xx-nonsense", ""]


def test_the_direction_is_that_of_the_script() -> None:
    assert {code: direction(code) for code in ("ar", "ur-PK", "dv", "he", "az-Arab", "es", "bzd")} == {
        **dict.fromkeys(("ar", "ur-PK", "dv", "he", "az-Arab"), "rtl"),
        **dict.fromkeys(("es", "bzd"), "ltr"),
    }
