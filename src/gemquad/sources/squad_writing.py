"""Records as a SQuAD v1.1 file nests them (`squad.py` reads it)."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from gemquad.schema import Question


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
