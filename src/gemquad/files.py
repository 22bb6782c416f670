"""Text and JSON files: written whole or not at all, checked on reading. All JSON of others is read by `parse_json`."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import accumulate
from math import isfinite
from pathlib import Path
from secrets import token_hex
from typing import Any

from pydantic import ValidationError

from gemquad.errors import UserError
from gemquad.schema.result_file import R, ResultFile

_SHOWN = 60
"""Characters of a value in a message."""
_DEEPEST = 100


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
        place = f", line {error.lineno}, column {error.colno}" if error.doc else ""
        raise UserError(
            f"{file}{place}: not JSON ({error.msg}). {remedy or 'Mend the file or export it again.'}"
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
        return strict_json(path.read_bytes())


def parse_json(content: str | bytes, where: Path | str, remedy: str = "") -> Any:
    """The JSON value in `content`, which came from `where`; raises `UserError` as `readable` does."""
    with readable(where, remedy):
        return strict_json(content)


def strict_json(content: str | bytes) -> Any:
    """The JSON value in UTF-8 or a text, after a byte order mark or none, to the letter of RFC 8259.

    Raises:
        UnicodeDecodeError: it is not UTF-8.
        json.JSONDecodeError: it is not JSON. Where a key stands twice in an object, a number is not finite or has thousands of
            digits, or the nesting is deep, which Python takes or fails on otherwise, `doc` is empty, as no place is known.
    """
    text = content.decode("utf-8-sig") if isinstance(content, bytes) else content.removeprefix("\ufeff")
    if _depth(text) > _DEEPEST:
        raise json.JSONDecodeError(f"nested over {_DEEPEST} deep", "", 0)
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refused, parse_float=_finite)
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        raise json.JSONDecodeError(str(error).partition("; use sys.")[0], "", 0) from error


def _depth(text: str) -> int:
    """How deep its lists and objects are nested: what is deep for one library is too deep for the next."""
    unescaped = text.replace("\\\\", "").replace('\\"', "")
    brackets = re.findall(r"[][{}]", "".join(unescaped.split('"')[::2]))
    return max(accumulate(1 if bracket in "[{" else -1 for bracket in brackets), default=0)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {_begun(twice)} stands twice in {_begun(found)}")
    return found


def _begun(value: Any) -> str:
    written = json.dumps(value, ensure_ascii=False)
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"


def _finite(text: str) -> float:
    number = float(text)
    return number if isfinite(number) else _refused(text)


def _refused(text: str) -> float:
    raise ValueError(f"{text[:_SHOWN]} is no finite number")


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
        return kind.holds.validate_json(json.dumps(value), strict=True)  # JSON has no tuples
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"])) or "all of it"
        raise UserError(
            f"{name}, {key}: {first['msg']}. It was written by another version or changed by hand: `dvc repro {kind.stage}` "
            "writes it again."
        ) from error
