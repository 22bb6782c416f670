"""Tables as Markdown, with cells that are always one line."""

from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], texts: int | None = None) -> str:
    """A Markdown table, "" without rows; the first `texts` columns (default: all) are left-aligned, numbers right-aligned."""
    found = list(rows)
    texts = len(columns) if texts is None else texts
    rule = ["---"] * texts + ["--:"] * (len(columns) - texts)
    return "\n".join(map(_line, [columns, rule, *found])) if found else ""


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Text in one line, without what ends a cell."""
    return " ".join(text.split()).replace("|", "\\|")
