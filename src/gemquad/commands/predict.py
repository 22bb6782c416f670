"""Ask a student: one example, the rows of a file, or JSON Lines on standard input.

Answers are JSON Lines that keep the columns of their rows. What a student is asked with depends on its task: a question and a
passage, or a text, or a text and a second one.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from gemquad.errors import UserError
from gemquad.workspace import Workspace

if TYPE_CHECKING:
    from gemquad.serving.predictor import Predictor
    from gemquad.serving.rows import PlacedRow

EXAMPLES = (
    "gemquad predict --question '¿Dónde vive Ana?' --passage 'Ana vive en Lima.'",
    "gemquad predict --text '猫が眠っている。' --second '動物が寝ている。'",
    "gemquad predict --file questions.jsonl --out answers.jsonl",
    "gemquad predict --model models/students/round-0 < questions.jsonl",
)
COLUMNS = {
    "question": "what is asked",
    "passage": "where the answer stands",
    "text": "what is judged; the first of a pair",
    "second": "the second text of a pair",
}
"""The columns that students of some task are asked with."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The student, what it is asked, and where its answers go."""
    parser.add_argument(
        "--model",
        type=Path,
        default=Workspace().best,
        metavar="FOLDER",
        help="the student's folder (default models/best)",
    )
    for column, meaning in COLUMNS.items():
        parser.add_argument(f"--{column}", metavar="TEXT", help=meaning)
    parser.add_argument("--file", type=Path, help="rows with these columns: .jsonl, .json (a list), .csv or .tsv")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the answers here, not to standard output")


def run(args: argparse.Namespace) -> None:
    """Answer one example, the rows of a file, or standard input line by line."""
    asked = {column: getattr(args, column) for column in COLUMNS if getattr(args, column) is not None}
    if asked and args.file:
        raise UserError(f"--{next(iter(asked))} and --file both say what is asked. Give one of them.")
    if not asked and not args.file and sys.stdin.isatty():
        raise UserError(
            "nothing is asked: give --question and --passage, or --text, or --file, or rows on standard input."
        )
    from gemquad.serving.predictor import Predictor
    from gemquad.serving.rows import read_rows, stream_rows

    rows = read_rows(args.file) if args.file else []
    predictor = Predictor.load(args.model)
    if asked:
        _check_options(asked, predictor)
        _answer(predictor, [[("the command line", asked)]], args.out)
    elif args.file:
        _answer(predictor, [rows], args.out, label="answering")
    else:
        _answer(predictor, stream_rows(sys.stdin.fileno()), args.out)


def _check_options(asked: dict[str, str], predictor: "Predictor") -> None:
    needed = [column.name for column in predictor.columns]
    if sorted(asked) != sorted(needed):
        options = " and ".join(f"--{name}" for name in needed)
        raise UserError(
            f"this student is asked with {options}, not with {' and '.join(f'--{name}' for name in asked)}."
        )


def _answer(
    predictor: "Predictor", chunks: "Iterable[list[PlacedRow]]", out: Path | None, label: str | None = None
) -> None:
    """Write the rows of each chunk with what the student says to them, as soon as it has said it."""
    from gemquad.tasks.columns import check_row

    with _output(out) as file:
        for chunk in chunks:
            for where, row in chunk:
                check_row(row, predictor.columns, where)
            rows = [row for _, row in chunk]
            for row, told in zip(rows, predictor.predict(rows, label), strict=True):
                print(json.dumps({**row, **told}, ensure_ascii=False), file=file)
            file.flush()


@contextmanager
def _output(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears whole or not at all."""
    if path is None:
        yield sys.stdout
        return
    from gemquad.files import written_whole

    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as partial, partial.open("w", encoding="utf-8") as file:
        yield file
