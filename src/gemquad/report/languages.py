"""Names of languages and the direction of their script, by BCP-47 code, as the CLDR has them."""

from babel import Locale, UnknownLocaleError

from gemquad.schema.results import ALL
from gemquad.text.languages import standard


def language_name(code: str) -> str:
    """The English name of a language or variety ("Spanish", "Chinese (Taiwan)"), else the code itself."""
    if code == ALL:
        return "All languages"
    locale = _locale(code)
    name = locale.get_display_name("en") if locale else Locale("en").languages.get(code)
    return name or code


def direction(code: str) -> str:
    """The value of the attribute `dir`: "rtl" or "ltr"."""
    locale = _locale(code)
    return locale.text_direction if locale else "ltr"


def _locale(code: str) -> Locale | None:
    """None for a code of which the CLDR knows no more than the name, if that."""
    try:
        return Locale.parse(standard(code), sep="-")
    except (UnknownLocaleError, ValueError):
        return None
