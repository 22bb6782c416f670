"""What the grammars say; that a real server reads GBNF, and keeps to it, is in test_server.py."""

import json

import pytest

from gemquad.generation.grammar import grammar, lark_grammar, read_fields
from gemquad.tasks.requests import Field, Request

QUESTION = Field("question", "", "free", 12)
ANSWER = Field("answer", "Respuesta:", "extract", 6)


def rules(source: str, *fields: Field) -> dict[str, str]:
    text = grammar(Request(prompt="Pregunta:", source=source, fields=fields or (QUESTION, ANSWER)))
    assert text.endswith("\n")
    return dict(line.split(" ::= ", 1) for line in text.splitlines())


def test_a_completion_is_its_fields_one_line_each_with_their_leads() -> None:
    written = rules("Lima", QUESTION, ANSWER, Field("note", "Nota:", "free", 4))
    assert written["root"] == r'f0 "\n" "Respuesta:" f1 "\n" "Nota:" f2 "\n"'
    assert written["f0"] == written["f2"] == r"[^\n]+"


def test_a_pair_of_filled_fields_is_two_lines_and_needs_no_source() -> None:
    fields = (Field("text", "", "filled", 12), Field("second", "文2（必ず正しい）:", "filled", 12))
    assert rules("", *fields) == {"root": r'f0 "\n" "文2（必ず正しい）:" f1 "\n"', "f0": r"[^\n]+", "f1": r"[^\n]+"}
    read = read_fields(" 犬が走る\n文2（必ず正しい）: 動物が動く\n", fields, complete=True)
    assert (read.texts, read.finished) == ({"text": "犬が走る", "second": " 動物が動く"}, True)


def test_an_answer_begins_at_any_word_and_goes_on_to_the_end_of_any_later_one() -> None:
    written = rules("«Ana vive», 3.")
    assert written["f1"] == '" "? ("Ana" f1-0 | "vive" f1-1 | "3" f1-2)'
    assert [written[f"f1-{end}"] for end in range(3)] == ['"" | " vive" f1-1', '"" | "», 3" f1-2', '""']


def test_an_answer_does_not_cross_a_line_break() -> None:
    written = rules("Ana\nLima \n y")
    assert [written[f"f1-{end}"] for end in range(3)] == ['""', '""', '""']


def test_a_script_without_spaces_may_be_cut_between_any_two_characters() -> None:
    assert rules("東京だ")["f1"] == '" "? ("東" f1-0 | "京" f1-1 | "だ" f1-2)'


def test_combining_marks_stay_with_their_letters() -> None:
    assert rules("नई दिल्ली")["f1"] == '" "? ("नई" f1-0 | "दिल्ली" f1-1)'


@pytest.mark.parametrize(
    ("between", "escaped"), [('"', r"\""), ("\\", r"\\"), ('\\"', r"\\\""), ("\t", r"\t"), ("\r", r"\r")]
)
def test_what_a_literal_cannot_hold_is_escaped(between: str, escaped: str) -> None:
    assert rules(f"a{between}b")["f1-0"] == f'"" | "{escaped}b" f1-1'
    assert rules("a", Field("answer", f"A{between}:", "extract", 6))["root"] == rf'"A{escaped}:" f0 "\n"'


@pytest.mark.parametrize("source", ["", " ", "…—", '"\\"'])
def test_a_source_without_any_word_leaves_its_field_free(source: str) -> None:
    written = rules(source)
    assert set(written) == {"root", "f0", "f1"}
    assert written["f1"] == r"[^\n]+"


def test_a_repeated_word_leads_to_each_of_its_places_once() -> None:
    assert rules("la o la")["f1"] == '" "? ("la" f1-0 | "o" f1-1 | "la" f1-2)'


@pytest.mark.parametrize(
    "text", [" ¿Dónde?\nRespuesta: Lima\n", "\n ¿Dónde? \n Respuesta: Lima \n", " ¿Dónde?\nRespuesta: Lima"]
)
def test_a_whole_completion_is_read_field_by_field(text: str) -> None:
    read = read_fields(text, [QUESTION, ANSWER], complete=True)
    assert read.finished
    assert read.texts == {"question": "¿Dónde?", "answer": " Lima"}


def test_what_a_token_limit_cuts_off_is_kept_but_not_finished() -> None:
    cut = read_fields(" ¿Dónde?\nRespuesta: Li", [QUESTION, ANSWER], complete=False)
    assert (cut.texts, cut.finished) == ({"question": "¿Dónde?", "answer": " Li"}, False)
    assert read_fields(" ¿Dónde?\nRespuesta: Lima\nTexto", [QUESTION, ANSWER], complete=False).finished


@pytest.mark.parametrize("text", [" ¿Dónde?", " ¿Dónde?\n", " ¿Dónde?\nLima\n", " ¿Dónde?\nTexto: Lima\n"])
def test_without_the_next_lead_a_completion_ends_there_unfinished(text: str) -> None:
    read = read_fields(text, [QUESTION, ANSWER], complete=True)
    assert (read.texts, read.finished) == ({"question": "¿Dónde?"}, False)


def test_nothing_written_is_not_finished_where_a_field_has_a_lead() -> None:
    read = read_fields("", [ANSWER], complete=True)
    assert (read.texts, read.finished) == ({}, False)


def lark(source: str, *fields: Field) -> dict[str, str]:
    text = lark_grammar(Request(prompt="Pregunta:", source=source, fields=fields or (QUESTION, ANSWER)))
    assert text.endswith("\n")
    return dict(line.split(": ", 1) for line in text.splitlines())


def chunks(source: str) -> list[str]:
    extracted = lark(source)["F1"]
    start, end = '" "? (%regex ', r" & /[\p{L}\p{M}\p{N}](.*[\p{L}\p{M}\p{N}])?/)"
    assert extracted.startswith(start) and extracted.endswith(end)
    return json.loads(extracted.removeprefix(start).removesuffix(end))["substring_chunks"]


def test_lark_has_the_same_lines_and_leads() -> None:
    written = lark("Lima", QUESTION, ANSWER, Field("note", 'No"ta:', "filled", 4))
    assert written["start"] == r'F0 "\n" "Respuesta:" F1 "\n" "No\"ta:" F2 "\n"'
    assert written["F0"] == written["F2"] == r"/[^\n]+/"


@pytest.mark.parametrize(
    ("source", "pieces"),
    [
        ("«Ana vive», 3.", ["«", "Ana", " ", "vive", "», ", "3", "."]),
        ("Ana\nLima", ["Ana", "\n", "Lima"]),
        ("東京だ", ["東", "京", "だ"]),
        ("नई दिल्ली", ["नई", " ", "दिल्ली"]),
        ('a"b\\c', ["a", '"', "b", "\\", "c"]),
        ("la la", ["la", " ", "la"]),
    ],
)
def test_in_lark_an_answer_is_a_run_of_words_and_what_is_between(source: str, pieces: list[str]) -> None:
    assert chunks(source) == pieces


@pytest.mark.parametrize("source", ["", " ", "…—"])
def test_in_lark_a_source_without_any_word_leaves_its_field_free(source: str) -> None:
    assert lark(source)["F1"] == r"/[^\n]+/"
