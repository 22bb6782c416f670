"""The files of a new task over labelled texts: settings with a worked wording, and one table for each role."""

import re
from collections.abc import Mapping
from pathlib import Path

from gemquad.errors import UserError
from gemquad.report.languages import language_name
from gemquad.scaffold.language import known_language
from gemquad.scaffold.writing import filled

TABLES = {
    "exemplars": "text,label\nYou charged my card twice for March.,billing\nThe screen stays black after the update.,technical\n",
    **dict.fromkeys(("gold", "dev", "test"), "text,label\n"),
}
"""By role; exemplars are worked ones."""
_SHOTS = 2


def task_files(name: str, code: str) -> Mapping[Path, str]:
    """By path from the root of the checkout, the text of every file of a new task in a language; the settings come first.

    Raises:
        UserError: there is no such language, or the name is none for a file.
    """
    if not re.fullmatch(r"[A-Za-z0-9][\w-]{0,99}", name, re.ASCII):
        raise UserError(
            f"{name!r} cannot name a task here. Take ASCII letters, digits, - and _: gemquad init {code} --task tickets"
        )
    known_language(code)
    folder = Path("data/own", name)
    facts = {"name": name, "code": code, "language": language_name(code), "folder": folder.as_posix(), "shots": _SHOTS}
    return {
        Path(f"conf/task/{name}.yaml"): filled("task.yaml.jinja", **facts),
        **{folder / f"{role}.csv": table for role, table in TABLES.items()},
    }
