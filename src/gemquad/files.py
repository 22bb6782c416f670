"""Text and JSON files: written whole or not at all, checked on reading."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from secrets import token_hex
from typing import Any

from pydantic import ValidationError

from gemquad.errors import UserError
from gemquad.schema.result_file import R, ResultFile


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path to write to instead of `path`, of no other file: it takes that place once the block has ended without an error."""
    partial = path.with_name(f".{path.name}.{token_hex(4)}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def readable(file: Path | str, remedy: str = "") -> Iterator[None]:
    """Turn a file that is missing, not UTF-8 or not JSON into a `UserError` that names the place and the remedy."""
    try:
        yield
    except FileNotFoundError as error:
        raise UserError(
            f"{file} does not exist. Check the path; files of the pipeline are made by `dvc repro`."
        ) from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file} is not UTF-8 (byte {error.start}). {remedy or 'Save it as UTF-8.'}") from error
    except json.JSONDecodeError as error:
        raise UserError(
            f"{file}, line {error.lineno}, column {error.colno}: not JSON ({error.msg}). "
            f"{remedy or 'Mend the file or export it again.'}"
        ) from error


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in UTF-8, making its folder; the file appears complete or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write JSON for people and `dvc metrics`: indented, keys and fields of dataclasses in their order, UTF-8."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2, default=asdict) + "\n")


def read_json(path: Path) -> Any:
    """Read JSON of any shape; raises `UserError` as `readable` does."""
    with readable(path):
        return json.loads(path.read_text(encoding="utf-8"))


def write_result(path: Path, kind: ResultFile[R], value: R) -> None:
    """Write a result as `write_json` does; `kind` lets a type checker see that it is what the file holds."""
    write_json(path, value)


def read_result(path: Path, kind: ResultFile[R]) -> R:
    """Read what `write_result` wrote; raises `UserError` as `readable` and `checked` do."""
    return checked(read_json(path), str(path), kind)


def checked(value: Any, name: str, kind: ResultFile[R]) -> R:
    """The JSON `value` of the file called `name`, validated as the type of `kind`.

    Raises:
        UserError: it is of another shape; the message names the first key that differs and the stage that writes the file.
    """
    try:
        return kind.holds.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"])) or "all of it"
        raise UserError(
            f"{name}, {key}: {first['msg']}. It was written by another version or changed by hand: `dvc repro {kind.stage}` "
            "writes it again."
        ) from error
