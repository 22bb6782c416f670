import pytest

from gemquad.text.languages import is_language, nearest_language, rule_for, standard


@pytest.mark.parametrize("code", ["es", "ES", "es_ES", "pt-BR", "zh-TW", "zh_tw", "zh-Hant-TW", "no", "bzd", "sr-Latn"])
def test_registered_codes_are_languages_however_they_are_written(code: str) -> None:
    assert is_language(code)


@pytest.mark.parametrize("code", ["xx-nonsense", "spanish", "jp", "es-nonsense", "", "e", "zz"])
def test_others_are_none(code: str) -> None:
    assert not is_language(code)


@pytest.mark.parametrize(
    ("code", "near"),
    [
        ("spanish", "es"),
        ("Spansh", "es"),
        ("hindi", "hi"),
        ("es-nonsense", "es"),
        ("jp", "ja"),
        ("cn", "zh"),
        ("kr", "kr"),
    ],
)
def test_the_nearest_right_code_is_named(code: str, near: str) -> None:
    assert nearest_language(code) == near


def test_some_code_is_near_to_whatever_is_written() -> None:
    assert is_language(nearest_language("xx-nonsense")) and is_language(nearest_language(""))


def test_a_rule_serves_the_varieties_of_its_language_and_a_narrower_one_comes_first() -> None:
    rules = {"zh": "wide", "zh-TW": "narrow", "pt_BR": "Brazil", "no": "Norwegian", "default": "any"}
    found = [rule_for(rules, code) for code in ("zh", "zh_CN", "zh-tw", "zh-Hant-TW", "cmn", "pt-BR", "pt", "no", "NO")]
    assert found == ["wide", "wide", "narrow", "wide", "wide", "Brazil", None, "Norwegian", "Norwegian"]


def test_a_code_has_one_standard_form() -> None:
    assert [standard(code) for code in ("es_es", "ZH-tw", "no", "default")] == ["es-ES", "zh-TW", "no", "default"]
