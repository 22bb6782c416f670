"""Texts of others in Markdown, and tables that are Markdown in a file or a pipe and fit the window in a terminal."""

import re
from collections.abc import Iterable, Sequence

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_MARKS = re.compile(r"[\\`*\[\]<>|~$&]|(?<!\w)_|_(?!\w)")


def one_line(text: str) -> str:
    """The text in one line, without characters that steer a terminal."""
    return " ".join(_CONTROL.sub(" ", text).split())


def cut(text: str, longest: int = 60) -> str:
    """The text in one line of at most so many characters."""
    line = one_line(text)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def escaped(text: str) -> str:
    """The text in one line, in which Markdown sees no mark, link, HTML or end of a cell."""
    return _MARKS.sub(r"\\\g<0>", one_line(text))


def code(text: str) -> str:
    """The text as code in one line of a cell."""
    return "`" + one_line(text).replace("`", "'").replace("|", "\\|") + "`"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table: drawn to the width of a terminal, where there is one, else as Markdown."""
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    console, lines = Console(), [[one_line(cell) for cell in line] for line in (columns, *rows)]
    if not console.is_terminal:
        cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
        print("\n".join(f"| {' | '.join(line)} |" for line in (cells[0], ["---"] * len(columns), *cells[1:])))
        return
    drawn = Table(*(Column(overflow="fold") for _ in columns), box=None, pad_edge=False, show_header=False)
    for i, line in enumerate(lines):
        drawn.add_row(*map(Text, line), style="bold" if i == 0 else "")
    console.print(drawn)
