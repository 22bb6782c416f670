"""The commands `predict` and `export`: a student that a run has trained."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG
from typing import Annotated, Literal, TextIO

from typer import Option

from gemquad.errors import UserError
from gemquad.workspace import Workspace

BEST, ONNX = Workspace().best, Workspace().onnx
Student = Annotated[Path, Option(metavar="FOLDER", help="the student's folder")]


def predict(
    model: Student = BEST,
    question: Annotated[str | None, Option(metavar="TEXT", help="what is asked")] = None,
    passage: Annotated[str | None, Option(metavar="TEXT", help="where the answer stands")] = None,
    text: Annotated[str | None, Option(metavar="TEXT", help="what is judged; the first of a pair")] = None,
    second: Annotated[str | None, Option(metavar="TEXT", help="the second text of a pair")] = None,
    file: Annotated[Path | None, Option(metavar="FILE", help="such rows: .jsonl, .json (a list), .csv or .tsv")] = None,
    out: Annotated[Path | None, Option(metavar="FILE", help="write the answers here, not to standard output")] = None,
) -> None:
    """Ask a student: one example, the rows of a file, or JSON Lines on standard input.

    Answers are JSON Lines that keep the columns of their rows. What a student is asked with depends on its task: a question and a
    passage, or a text, or a text and a second one.

    $ gemquad predict --question '¿Dónde vive Ana?' --passage 'Ana vive en Lima.'
    $ gemquad predict --text '猫が眠っている。' --second '動物が寝ている。'
    $ gemquad predict --file questions.jsonl --out answers.jsonl
    $ gemquad predict --model models/students/round-0 < questions.jsonl
    """
    from gemquad.serving.rows import checked, read_rows, stream_rows
    from gemquad.student.description import read_description

    texts = {"question": question, "passage": passage, "text": text, "second": second}
    given = {column: value for column, value in texts.items() if value is not None}
    if given and file:
        raise UserError(f"--{next(iter(given))} and --file both say what is asked. Give one of them.")
    if not (given or file) and sys.stdin.isatty():
        raise UserError("nothing is asked: give --question and --passage, --text, --file, or rows on standard input.")
    rows = read_rows(file) if file else [("the command line", given)]
    columns = read_description(model).inputs
    if given and (missing := [column.name for column in columns if column.name not in given]):
        asked = " and ".join(f"--{column.name}" for column in columns)
        raise UserError(f"--{missing[0]} is missing: this student is asked with {asked}.")
    if given or file:
        _answer(model, [checked(rows, columns)], out, "answering" if file else None)
    else:
        own = _taken(sys.stdin.fileno())
        chunks = (checked(lines, columns) for lines in stream_rows(own))
        is_file = S_ISREG(os.fstat(own).st_mode)  # then all of it is there, to be checked before a model is loaded
        _answer(model, list(chunks) if is_file else chunks, out)


def _taken(descriptor: int) -> int:
    """What an open file reads, under another number: libraries that ask something find the first one empty."""
    own = os.dup(descriptor)
    with Path(os.devnull).open(encoding="utf-8") as nothing:
        os.dup2(nothing.fileno(), descriptor)
    return own


def _answer(model: Path, chunks: Iterable[list[dict[str, str]]], out: Path | None, label: str | None = None) -> None:
    """Write the rows of each chunk with what the student says to them, as soon as it has said it."""
    with _output(out) as output:
        from gemquad.serving.predictor import Predictor

        predictor = Predictor.load(model)
        for rows in chunks:
            for row, answer in zip(rows, predictor.predict(rows, label), strict=True):
                print(json.dumps({**row, **answer}, ensure_ascii=False), file=output)
            output.flush()


@contextmanager
def _output(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears whole or not at all."""
    from gemquad.files import written_whole

    if path is None:
        yield sys.stdout
    elif not path.parent.is_dir() or (path.exists() and not path.is_file()):
        raise UserError(f"--out {path}: give the name of a file, in a folder that exists.")
    else:
        with written_whole(path) as partial, partial.open("w", encoding="utf-8") as file:
            yield file


def export(
    format: Annotated[Literal["onnx"], Option(metavar="FORMAT", help="of the export")] = "onnx",
    model: Student = BEST,
    out: Annotated[Path, Option(metavar="FOLDER", help="where the export goes")] = ONNX,
    file: Annotated[Path | None, Option(metavar="FILE", help="rows to compare on; else the dev set")] = None,
) -> None:
    """Export a student to ONNX, and say how far the two agree.

    Encoders (XLM-R) are exported by optimum, in an environment of its own, which `make onnx` makes; decoders (Gemma) need none. The
    student and its export then answer the same 64 examples, of the dev set or of a file.

    $ gemquad export
    $ gemquad export --model models/students/round-1 --out round-1-onnx --file questions.jsonl
    """
    from gemquad.serving.onnx import export_onnx, inputs_to_compare, parity

    inputs = inputs_to_compare(model, file, limit=64)
    export_onnx(model, out, Path(sys.prefix) / "onnx/bin/python")
    difference, equal = parity(model, out, inputs)
    print(
        f"{out}: on {len(inputs)} examples the logits differ from torch's in fp32 by at most {difference:.1e}, and "
        f"{equal:.1%} of the answers are equal"
    )
