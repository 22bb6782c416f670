"""SQuAD v1.1 files (Rajpurkar et al. 2016, arXiv 1606.05250) read into records, with errors that name the place.

{"data": [{"title": …, "paragraphs": [{"context": …, "qas": [{"id": …, "question": …,
                                                             "answers": [{"text": …, "answer_start": …}]}]}]}]}
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.files import read_json
from gemquad.schema import Passage, Question
from gemquad.sources.cleaning import bare, made_id, unused
from gemquad.sources.faults import NOTHING, Faults, Mend, collected
from gemquad.sources.format import own_card
from gemquad.sources.offsets import true_start
from gemquad.text.characters import flaw, shown


def read_questions(path: Path, language: str, faults: Faults | None = None) -> list[Question]:
    """All sound questions of a SQuAD-format file, in its order; a whole number is an id too, and who has none gets one.

    Raises:
        UserError: the file is not in this format; or, without `faults` to collect them, it has an empty passage or question, a
            question without an answer, an answer not at its offset, an id twice, an unsound text.
    """
    questions: list[Question] = []
    places: dict[str, str] = {}
    with collected(path, faults) as found:
        for title, where, paragraph in _paragraphs(path, found):
            passage = _text(paragraph, "context", where, found)
            for at, qa in _items(paragraph, "qas", where, found):
                if question := _question(qa, at, title, passage, language, places, found):
                    questions.append(question)
        if not questions and not found:
            found.add(NOTHING, "", "holds no question", "Add paragraphs with `qas`, or name another file")
    return questions


def read_passages(path: Path, language: str, faults: Faults | None = None) -> list[Passage]:
    """The distinct passages of a SQuAD-format file, in its order; `qas` may be empty or absent. Raises as `read_questions` does."""
    passages: dict[str, Passage] = {}
    with collected(path, faults) as found:
        for title, where, paragraph in _paragraphs(path, found):
            if text := _text(paragraph, "context", where, found):
                identifier = Passage.id_of(text)
                passages.setdefault(identifier, Passage(id=identifier, language=language, title=title, text=text))
        if not passages and not found:
            found.add(NOTHING, "", "holds no passage", "Add paragraphs with a `context`, or name another file")
    return list(passages.values())


def read_card(path: Path) -> dict[str, Any] | None:
    """The data card that a file fetched from the hub carries; None for a file without one."""
    document = read_json(path)
    return own_card(document.get("card")) if isinstance(document, dict) else None


def _paragraphs(path: Path, found: Faults) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Title, place and content of every paragraph."""
    document = read_json(path)
    if not isinstance(document, dict) or not isinstance(document.get("data"), list):
        raise UserError(f'{path}: not in SQuAD format: expected an object with a list "data". Convert it first.')
    for number, article in enumerate(document["data"]):
        place = f"data[{number}]"
        if not isinstance(article, dict):
            found.add("no article", place, "is not an object", "Expected an article with `title` and `paragraphs`")
            continue
        title = _title(article, place, found)
        for where, paragraph in _items(article, "paragraphs", place, found):
            yield title, where, paragraph


def _question(
    qa: dict[str, Any], at: str, title: str, passage: str, language: str, places: dict[str, str], found: Faults
) -> Question | None:
    """The question, if nothing is wrong with it and its passage is sound, which else is ""."""
    before = found.said
    asked, given = _text(qa, "question", at, found), _id(qa, at, found)
    identifier = given or (unused(made_id(passage, asked), places) if passage and asked else "")
    if not given and identifier and found.said == before:
        found.tolerate("no id", at, Mend("ids made from passage and question", {"id": identifier}))
    if identifier in places:
        said = f"id {shown(identifier)} is used before, at {places[identifier]}"
        found.add("id used twice", at, said, "Make ids unique")
    elif identifier:
        places[identifier] = at
    items = _items(qa, "answers", at, found)
    if qa.get("answers", []) == []:
        remedy = "Give every question one, or remove it (SQuAD v2 is not supported)"
        found.add("no answer", at, "has no answer", remedy, identifier)
    answers = [_answer(answer, passage, where, identifier, found) for where, answer in items]
    if not passage or found.said > before:
        return None
    texts, starts = [text for text, _ in answers], [start for _, start in answers]
    return Question(identifier, language, title, passage, asked, texts, starts)


def _title(article: dict[str, Any], where: str, found: Faults) -> str:
    value = article.get("title")
    if not isinstance(value, str | None):
        found.add("title not a string", where, f'"title" is {shown(value)}, not a string', "Correct or remove it")
        return ""
    return _sound(value or "", "title", where, found)


def _items(holder: dict[str, Any], key: str, where: str, found: Faults) -> list[tuple[str, dict[str, Any]]]:
    """The objects of a list, each with its place."""
    items = holder.get(key, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        found.add(f'"{key}" not a list of objects', where, f'"{key}" is not a list of objects', "Mend the file")
        items = items if isinstance(items, list) else []
    return [(f"{where}.{key}[{number}]", item) for number, item in enumerate(items) if isinstance(item, dict)]


def _text(holder: dict[str, Any], key: str, where: str, found: Faults, id: str = "") -> str:
    """A sound text that is not empty; else ""."""
    value = holder.get(key)
    if not isinstance(value, str):
        state = "missing" if value is None else "not a string"
        found.add(f'"{key}" {state}', where, f'"{key}" is {state}', "Mend the file", id)
        return ""
    if not value.strip():
        found.add(f'"{key}" empty', where, f'"{key}" is empty', "Fill it in or remove the entry", id)
        return ""
    return _sound(value, key, where, found, id)


def _sound(text: str, key: str, where: str, found: Faults, id: str = "") -> str:
    if said := flaw(text):
        remedy = "Take it out; in a passage the offsets of answers behind it change"
        found.add(f'unsound character in "{key}"', where, f'"{key}" holds {said}', remedy, id)
        return ""
    return text


def _id(qa: dict[str, Any], where: str, found: Faults) -> str:
    """ "" where there is none."""
    value = qa.get("id")
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool):
        said = f'"id" is {shown(value)}, neither a string nor a whole number'
        found.add('"id" no string or number', where, said, "Correct or remove it")
        return ""
    return _sound(str(value), "id", where, found)


def _answer(answer: dict[str, Any], passage: str, where: str, id: str, found: Faults) -> tuple[str, int]:
    """The answer without outer white space, and where it then begins."""
    given, start = _text(answer, "text", where, found, id), answer.get("answer_start")
    if not isinstance(start, int) or isinstance(start, bool):
        remedy = "Give the code point where the answer begins"
        found.add('"answer_start" no whole number', where, '"answer_start" is not a whole number', remedy, id)
        return given, 0
    text, begin = bare(given, start)
    if text and passage and (start < 0 or not passage.startswith(text, begin)):
        _misplaced(given, passage, start, where, id, found)
    elif text != given:
        mend = Mend("white space around answers removed", {"text": text, "answer_start": begin})
        found.tolerate("white space around an answer", where, mend, id)
    return text, begin


def _misplaced(given: str, passage: str, start: int, where: str, id: str, found: Faults) -> None:
    at, there = passage.find(given), passage[max(start, 0) :][: len(given)]
    hint = f"it stands at {at}" if at >= 0 else "it is not in the passage"
    said = f"answer {shown(given)} is not at answer_start {shown(start)} (there: {shown(there)}); {hint}"
    true = true_start(passage, given, start)
    mend = Mend(f"offsets {true[1]}", {"text": given.strip(), "answer_start": true[0]}) if true else None
    kind = "answer not at its offset" if at >= 0 else "answer not in the passage"
    found.add(kind, where, said, "Offsets count Unicode code points of the raw passage", id, mend)
