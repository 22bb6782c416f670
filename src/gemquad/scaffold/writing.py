"""Fill templates, and write new files, none over another."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from gemquad.errors import UserError
from gemquad.files import write_text


def filled(template: str, **facts: object) -> str:
    """A template of this folder with its facts."""
    environment = Environment(
        undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True
    )
    text = (files("gemquad.scaffold") / template).read_text(encoding="utf-8")
    return environment.from_string(text).render(**facts)


def write_new(texts: Mapping[Path, str]) -> list[Path]:
    """Write each text to its path; returns the paths.

    Raises:
        UserError: a file or a folder for the files is there; nothing has been written then.
    """
    folders = {path.parent for path in texts if path.parent.parent != Path("conf")}
    for path in (*folders, *texts):
        if path.exists():
            raise UserError(f"{path} exists, and nothing is overwritten. Go on with it, or move it away first.")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    return [*texts]
