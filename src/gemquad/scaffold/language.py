"""The files of a new language: settings as an experiment, and one file for each role, empty but for a worked exemplar."""

import json
from collections.abc import Mapping
from pathlib import Path

from gemquad.errors import UserError
from gemquad.report.languages import language_name
from gemquad.scaffold.least import PROMPTS_PER_PASSAGE, least
from gemquad.scaffold.writing import filled
from gemquad.schema.results import ALL
from gemquad.text.languages import is_language, nearest_language, rule_for, standard

_NO_LANGUAGE = (ALL, "mis", "mul", "und", "zxx")
"""Registered codes of all, several, unknown or no languages."""
ROLES = ("exemplars", "passages", "dev", "test")
_ENGLISH = ("Passage", "Question", "Answer")
_LABELS = {
    **{
        "ar": ("النص", "السؤال", "الجواب"),
        "de": ("Text", "Frage", "Antwort"),
        "es": ("Texto", "Pregunta", "Respuesta"),
    },
    **{"hi": ("गद्यांश", "प्रश्न", "उत्तर"), "vi": ("Đoạn văn", "Câu hỏi", "Trả lời"), "zh": ("段落", "问题", "答案")},
    **{"en": _ENGLISH, "fr": ("Texte", "Question", "Réponse"), "it": ("Testo", "Domanda", "Risposta")},
    **{"pt": ("Texto", "Pergunta", "Resposta"), "nl": ("Tekst", "Vraag", "Antwoord"), "sv": ("Text", "Fråga", "Svar")},
    **{"pl": ("Tekst", "Pytanie", "Odpowiedź"), "ru": ("Текст", "Вопрос", "Ответ"), "tr": ("Metin", "Soru", "Cevap")},
    **{"id": ("Teks", "Pertanyaan", "Jawaban"), "ja": ("文章", "質問", "回答"), "ko": ("지문", "질문", "답변")},
    **{"bn": ("অনুচ্ছেদ", "প্রশ্ন", "উত্তর"), "fa": ("متن", "پرسش", "پاسخ"), "sw": ("Kifungu", "Swali", "Jibu")},
}
"""A prompt's names of passage, question and answer."""
_WITHOUT_QUESTION_MARK = ("ja", "km", "lo", "my", "th")
_PASSAGE = (
    "The lighthouse at the north end of the island was lit for the first time in 1868. Until 1931 it burned whale oil; since then "
    "an electric lamp has stood in the old lens, and the last keeper left when it began to switch itself on."
)
_EXEMPLAR = {"question": "What did the lighthouse burn before it had an electric lamp?", "answer": "whale oil"}


def language_files(code: str) -> Mapping[Path, str]:
    """By path from the root of the checkout, the text of every file of a new language; the settings come first.

    Raises:
        UserError: there is no such language.
    """
    known_language(code)
    folder = Path("data/own", code)
    empty = {folder / f"{role}.json": _squad([]) for role in ROLES}
    return {
        Path(f"conf/experiment/{code}.yaml"): _settings(code, folder),
        **empty,
        folder / "exemplars.json": _exemplar(),
    }


def known_language(code: str) -> None:
    """Refuse, with a `UserError`, what is no code of a language."""
    if not is_language(code) or standard(code) in _NO_LANGUAGE:
        near = nearest_language(code)
        hint = "" if near in _NO_LANGUAGE else f"; nearest: {near} ({language_name(near)}). Run: gemquad init {near}"
        raise UserError(f"{code!r} is no code of a language (BCP-47, such as fr or pt-BR){hint}")


def _settings(code: str, folder: Path) -> str:
    labels = rule_for(_LABELS, code)
    return filled(
        "language.yaml.jinja",
        code=code,
        name=language_name(code),
        folder=folder.as_posix(),
        roles=ROLES,
        least=least,
        prompts=PROMPTS_PER_PASSAGE,
        labels=labels or _ENGLISH,
        is_own=bool(labels),
        without_mark=rule_for(dict.fromkeys(_WITHOUT_QUESTION_MARK, True), code),
    )


def _exemplar() -> str:
    """A worked one; `answer_start` counts characters of the passage, from 0."""
    answer = {"text": _EXEMPLAR["answer"], "answer_start": _PASSAGE.index(_EXEMPLAR["answer"])}
    asked = {"id": "worked-example", "question": _EXEMPLAR["question"], "answers": [answer]}
    return _squad([{"title": "Worked example: replace it", "paragraphs": [{"context": _PASSAGE, "qas": [asked]}]}])


def _squad(articles: list[object]) -> str:
    return f"{json.dumps({'data': articles}, ensure_ascii=False, indent=1)}\n"
