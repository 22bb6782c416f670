"""SQuAD v1.1 files: questions about passages, and passages to ask about."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from gemquad.schema import Question
from gemquad.sources.cleaning import Tally, clean
from gemquad.sources.faults import Faults
from gemquad.sources.format import FileFacts
from gemquad.sources.hub import Wanted
from gemquad.sources.question_rows import question_rows
from gemquad.sources.squad import read_card, read_passages, read_questions
from gemquad.sources.squad_writing import squad_document


class SquadFormat:
    """Reads SQuAD v1.1 files. Roles are compared by passage, as one passage has several questions."""

    record = Question
    roles = ("gold", "exemplars", "passages", "dev", "test")
    least_shared_runs = 1

    def read(self, path: Path, language: str, role: str, faults: Faults | None = None) -> list[Any]:
        """The questions of a file; in the role "passages" its passages, whose questions are ignored."""
        reader = read_passages if role == "passages" else read_questions
        return [*reader(path, language, faults)]

    def card(self, path: Path) -> dict[str, Any] | None:
        """The data card under the document's key "card"; None without one."""
        return read_card(path)

    def facts(self, role: str, examples: Sequence[Question]) -> FileFacts:
        """No facts: `read` has refused every mistake already."""
        return FileFacts()

    def text(self, example: Question) -> str:
        """The passage of the question."""
        return example.passage

    def clean(self, records: Iterable[Any], wanted: Wanted) -> tuple[dict[str, Any], Tally]:
        """The usable questions in SQuAD's nesting, and the counts of the rows."""
        questions, tally = clean(question_rows(records, wanted), wanted.language)
        return squad_document(questions), tally
