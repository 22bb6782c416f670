"""Make sound questions of the rows of public data sets, and count what could not be kept.

Such data cannot be mended at its source: rows without an answer (SQuAD v2, IndicQA), offsets that do not hold (TyDi QA's
GoldP), ids that come twice. Texts stay as they are, but for white space around an answer.
"""

import hashlib
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gemquad.errors import UserError
from gemquad.schema import Question
from gemquad.text.characters import flaw, is_encodable, shown

Row = Mapping[str, Any]
"""`context`, `question`, `answers`, and perhaps `id` and `title`."""


@dataclass
class Tally:
    """Counts of the rows by what happened to them; `dropped` counts by reason."""

    rows: int = 0
    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def counts(self) -> dict[str, Any]:
        """The counts as entries of a data card."""
        return {**vars(self), "dropped": dict(sorted(self.dropped.items()))}


@dataclass
class QuestionTally(Tally):
    """Counts that also include the changes made to the kept rows."""

    moved_answers: int = 0
    renamed_ids: int = 0


class Unusable(Exception):
    """The reason why a row is dropped."""


def clean(rows: Iterable[Row], language: str) -> tuple[list[Question], QuestionTally]:
    """Questions that `squad.read_questions` accepts, in the order of their rows.

    An answer that is not at its offset is moved to its only occurrence in the passage. A row is dropped when it has no answer,
    when an answer has no such place, or when it is equal to an earlier one; another row of an id that is taken gets a new id.

    Raises:
        UserError: a text is not a string, or `answers` has no `text` and `answer_start`.
    """
    tally, questions = QuestionTally(), []
    seen: set[tuple[object, ...]] = set()
    ids: set[str] = set()
    for row in rows:
        tally.rows += 1
        try:
            question, moved = _question(row, language)
            content = (question.id, question.passage, question.question, *question.answers, *question.answer_starts)
            if content in seen:
                raise Unusable("repeated")
        except Unusable as reason:
            tally.dropped[str(reason)] += 1
            continue
        identifier = unused(question.id, ids)
        seen.add(content)
        ids.add(identifier)
        questions.append(replace(question, id=identifier))
        tally.kept += 1
        tally.moved_answers += moved
        tally.renamed_ids += identifier != question.id
    return questions, tally


def drop_unsound(*texts: str) -> None:
    """Raise `Unusable` if one of them cannot be stored, or holds a control character."""
    for text in filter(flaw, texts):
        raise Unusable("control characters" if is_encodable(text) else "broken Unicode")


def bare(answer: str, start: int) -> tuple[str, int]:
    """The answer without outer white space, where no token ends, and its start moved accordingly."""
    return answer.strip(), start + len(answer) - len(answer.lstrip())


def made_id(passage: str, question: str) -> str:
    """An id from the content: 12 hexadecimal digits of the SHA-256 of passage and question."""
    return hashlib.sha256(f"{passage}\n{question}".encode()).hexdigest()[:12]


def unused(identifier: str, taken: Container[str]) -> str:
    """The id itself, or with the first number from 2 that makes it new: `q7`, `q7-2`, `q7-3`."""
    number, new = 1, identifier
    while new in taken:
        number += 1
        new = f"{identifier}-{number}"
    return new


def _question(row: Row, language: str) -> tuple[Question, int]:
    """The row as a question, and how many of its answers were moved."""
    passage, question_text = _text(row, "context"), _text(row, "question")
    if not passage.strip() or not question_text.strip():
        raise Unusable("no passage or no question")
    answers = _answers(row["answers"])
    title, given = row.get("title"), row.get("id")
    title, own = title if isinstance(title, str) else "", "" if given is None else str(given)
    drop_unsound(passage, question_text, title, own)
    starts = [_place(passage, text, start) for text, start in answers]
    question = Question(
        id=own if own.strip() else made_id(passage, question_text),
        language=language,
        title=title,
        passage=passage,
        question=question_text,
        answers=[text for text, _ in answers],
        answer_starts=starts,
    )
    return question, sum(start != given for start, (_, given) in zip(starts, answers, strict=True))


def _text(row: Row, column: str) -> str:
    value = row[column]
    if value is not None and not isinstance(value, str):
        raise UserError(
            f"column '{column}' holds {type(value).__name__}, e.g. {shown(value)}; expected text. Name another column "
            f"in the catalogue's entry (columns: {{{column}: THEIRS}}), or convert the data set to Parquet."
        )
    return value or ""


def _answers(value: Any) -> list[tuple[str, Any]]:
    """Text and offset of every answer that has a text, from a mapping of lists (Parquet) or a list of mappings (SQuAD JSON)."""
    try:
        if isinstance(value, Mapping):
            pairs = list(zip(value["text"] or [], value["answer_start"] or [], strict=True))
        else:
            pairs = [(answer["text"], answer["answer_start"]) for answer in value or []]
        answers = [
            bare(text, start) if isinstance(start, int) else (text.strip(), start)
            for text, start in pairs
            if text and str.strip(text)  # bytes are no text
        ]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"column 'answers' holds {shown(value)}; expected `text` and `answer_start` of each answer, as SQuAD has them. "
            "Convert the data set, or name another column in the catalogue's entry (columns: {answers: THEIRS})."
        ) from error
    if not answers:
        raise Unusable("no answer")
    return answers


def _place(passage: str, answer: str, start: Any) -> int:
    if isinstance(start, int) and start >= 0 and passage.startswith(answer, start):
        return start
    first = passage.find(answer)
    if first < 0:
        raise Unusable("answer not in the passage")
    if passage.find(answer, first + 1) >= 0:
        raise Unusable("answer not at its offset, and in several places")
    return first
