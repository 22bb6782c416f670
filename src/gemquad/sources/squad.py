"""SQuAD v1.1 files (Rajpurkar et al. 2016, arXiv 1606.05250) read into records, with errors that name the place, and written.

{"data": [{"title": …, "paragraphs": [{"context": …, "qas": [{"id": …, "question": …,
                                                             "answers": [{"text": …, "answer_start": …}]}]}]}]}
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.files import read_json
from gemquad.schema import Passage, Question
from gemquad.sources.cleaning import bare, made_id, unused
from gemquad.sources.format import own_card
from gemquad.texts import flaw, shown


def read_questions(path: Path, language: str) -> list[Question]:
    """All questions of a SQuAD-format file, in its order; a whole number is an id too, and who has none gets one.

    Raises:
        UserError: malformed file, empty passage or question, no answer, answer not at its offset, duplicate id, unsound text.
    """
    questions: list[Question] = []
    places: dict[str, str] = {}
    for title, where, paragraph in _paragraphs(path):
        passage = _text(paragraph, "context", where)
        for number, qa in enumerate(_items(paragraph, "qas", where)):
            at = f"{where}.qas[{number}]"
            asked = _text(qa, "question", at)
            identifier = _id(qa, at) or unused(made_id(passage, asked), places)
            if identifier in places:
                raise UserError(
                    f"{at}: id {shown(identifier)} is used before, at {places[identifier]}. Make ids unique."
                )
            places[identifier] = at
            answers = [
                _answer(answer, passage, f"{at} (id {shown(identifier)})") for answer in _items(qa, "answers", at)
            ]
            texts, starts = [text for text, _ in answers], [start for _, start in answers]
            questions.append(Question(identifier, language, title, passage, asked, texts, starts))
    if not questions:
        raise UserError(f"{path}: holds no question. Add paragraphs with `qas`, or name another file.")
    return questions


def read_passages(path: Path, language: str) -> list[Passage]:
    """The distinct passages of a SQuAD-format file, in its order; `qas` may be empty or absent."""
    passages: dict[str, Passage] = {}
    for title, where, paragraph in _paragraphs(path):
        text = _text(paragraph, "context", where)
        identifier = Passage.id_of(text)
        passages.setdefault(identifier, Passage(id=identifier, language=language, title=title, text=text))
    if not passages:
        raise UserError(f"{path}: holds no passage. Add paragraphs with a `context`, or name another file.")
    return list(passages.values())


def read_card(path: Path) -> dict[str, Any] | None:
    """The data card that a file fetched from the hub carries; None for a file without one."""
    document = read_json(path)
    return own_card(document.get("card")) if isinstance(document, dict) else None


def squad_document(questions: Iterable[Question]) -> dict[str, Any]:
    """Questions in SQuAD v1.1's nesting, neighbours of one title and passage together, their order kept."""
    return {
        "data": [
            {"title": title, "paragraphs": [_paragraph(*group) for group in groupby(article, lambda q: q.passage)]}
            for title, article in groupby(questions, lambda q: q.title)
        ]
    }


def _paragraph(passage: str, questions: Iterable[Question]) -> dict[str, Any]:
    qas = [
        {
            "id": question.id,
            "question": question.question,
            "answers": [
                {"text": text, "answer_start": start}
                for text, start in zip(question.answers, question.answer_starts, strict=True)
            ],
        }
        for question in questions
    ]
    return {"context": passage, "qas": qas}


def _paragraphs(path: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Title, place for error messages, and content of every paragraph."""
    document = read_json(path)
    if not isinstance(document, dict) or not isinstance(document.get("data"), list):
        raise UserError(f'{path}: not in SQuAD format: expected an object with a list "data". Convert it first.')
    for article_number, article in enumerate(document["data"]):
        place = f"{path}: data[{article_number}]"
        if not isinstance(article, dict):
            raise UserError(f"{place} is not an object. Expected an article with `title` and `paragraphs`.")
        title = _title(article, place)
        for number, paragraph in enumerate(_items(article, "paragraphs", place)):
            yield title, f"{place}.paragraphs[{number}]", paragraph


def _title(article: dict[str, Any], where: str) -> str:
    value = article.get("title")
    if not isinstance(value, str | None):
        raise UserError(f'{where}: "title" is {shown(value)}, not a string. Correct or remove it.')
    return _sound(value or "", "title", where)


def _items(holder: dict[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    items = holder.get(key, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UserError(f'{where}: "{key}" is not a list of objects. Mend the file.')
    if key == "answers" and not items:
        raise UserError(f"{where}: has no answer. Give every question one, or remove it (SQuAD v2 is not supported).")
    return items


def _text(holder: dict[str, Any], key: str, where: str) -> str:
    value = holder.get(key)
    if not isinstance(value, str):
        raise UserError(f'{where}: "{key}" is {"missing" if value is None else "not a string"}. Mend the file.')
    if not value.strip():
        raise UserError(f'{where}: "{key}" is empty. Fill it in or remove the entry.')
    return _sound(value, key, where)


def _sound(text: str, key: str, where: str) -> str:
    if found := flaw(text):
        raise UserError(
            f'{where}: "{key}" holds {found}. Take it out; in a passage the offsets of answers behind it change.'
        )
    return text


def _id(qa: dict[str, Any], where: str) -> str:
    """ "" where there is none."""
    value = qa.get("id")
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise UserError(f'{where}: "id" is {shown(value)}, neither a string nor a whole number. Correct or remove it.')
    return _sound(str(value), "id", where)


def _answer(answer: dict[str, Any], passage: str, where: str) -> tuple[str, int]:
    """The answer without outer white space, and where it then begins."""
    given, start = _text(answer, "text", where), answer.get("answer_start")
    if not isinstance(start, int) or isinstance(start, bool):
        raise UserError(f'{where}: "answer_start" is not a whole number. Give the code point where the answer begins.')
    text, begin = bare(given, start)
    if start < 0 or not passage.startswith(text, begin):
        at, there = passage.find(given), passage[max(start, 0) :][: len(given)]
        hint = f"it stands at {at}" if at >= 0 else "it is not in the passage"
        raise UserError(
            f"{where}: answer {shown(given)} is not at answer_start {shown(start)} (there: {shown(there)}); {hint}. "
            "Offsets count Unicode code points of the raw passage."
        )
    return text, begin
