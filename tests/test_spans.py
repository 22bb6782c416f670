import unicodedata

from gemquad.text.spans import Span, is_boundary, nearest_occurrence, occurrences, sentences, word_texts


def test_finds_every_whole_word_occurrence() -> None:
    assert occurrences("Ana y Anabel; ANA.", "ana") == [Span(0, 3), Span(14, 17)]


def test_finds_decomposed_text_at_raw_offsets() -> None:
    raw = "Vino de " + unicodedata.normalize("NFD", "Málaga") + " ayer."
    (span,) = occurrences(raw, "Málaga")
    assert raw[span.start : span.end] == unicodedata.normalize("NFD", "Málaga")


def test_finds_devanagari_with_nukta_in_either_composition() -> None:
    raw = "वह लड़का दिल्ली गया।"
    for form in ("NFC", "NFD"):
        (span,) = occurrences(raw, unicodedata.normalize(form, "लड़का"))
        assert raw[span.start : span.end] == "लड़का"


def test_does_not_cut_into_a_devanagari_character() -> None:
    assert occurrences("वह रामा गया।", "राम") == []
    assert occurrences("वह लड़के से मिला।", "लड़क") == []
    assert occurrences("वह राम गया।", "राम") == [Span(3, 6)]


def test_folds_white_space_and_case_that_changes_length() -> None:
    (span,) = occurrences("Die  STRASSE\nin Bonn", "straße in")
    assert (span.start, span.end) == (5, 15)


def test_finds_nothing_for_empty_or_absent_answers() -> None:
    assert occurrences("Ana vive aquí.", "") == []
    assert occurrences("Ana vive aquí.", "Lima") == []


def test_words_end_at_spaces_and_punctuation_but_not_before_a_mark() -> None:
    assert is_boundary("uno dos", 3)
    assert not is_boundary("uno", 1)
    assert not is_boundary("दिल्ली", 1)
    assert is_boundary("東京都", 1)


def test_prefers_the_occurrence_in_the_sentence_of_the_question() -> None:
    passage = "Luis nació en 1920 en Quito. El teatro abrió en 1920 con una ópera."
    spans = occurrences(passage, "1920")
    assert nearest_occurrence(passage, spans, "¿Cuándo abrió el teatro?") == spans[1]
    assert nearest_occurrence(passage, spans, "¿Cuándo nació Luis?") == spans[0]


def test_cuts_sentences_but_not_abbreviations() -> None:
    passage = "Vino el Dr. Gil a la ciudad de noche. «¿Quién abre la puerta ahora?» Nadie se movió de allí."
    assert [passage[s.start : s.end] for s in sentences(passage)] == [
        "Vino el Dr. Gil a la ciudad de noche.",
        "«¿Quién abre la puerta ahora?»",
        "Nadie se movió de allí.",
    ]


def test_cuts_hindi_at_the_danda() -> None:
    passage = "यह दिल्ली शहर का पुराना बाज़ार है। यहाँ हर दिन भीड़ रहती है।"
    assert [passage[s.start : s.end] for s in sentences(passage)] == [
        "यह दिल्ली शहर का पुराना बाज़ार है।",
        "यहाँ हर दिन भीड़ रहती है।",
    ]


def test_scripts_without_spaces_have_a_word_per_character() -> None:
    assert word_texts("1871年に光る Kyoto") == ["1871", "年", "に", "光", "る", "Kyoto"]


def test_short_sentences_of_a_script_without_spaces_stay_apart() -> None:
    """They were joined as if a run of characters were one word."""
    text = "灯台は古い。海は青い。"
    assert [text[s.start : s.end] for s in sentences(text)] == ["灯台は古い。", "海は青い。"]
