"""Cards as files: YAML between lines of dashes, then Markdown."""

from collections.abc import Iterable

from huggingface_hub.repocard_data import CardData


def card(data: CardData, *parts: str) -> str:
    """The text of a README.md; empty parts are left out."""
    body = "\n\n".join(part for part in parts if part)
    return f"---\n{data.to_yaml(line_break=chr(10))}\n---\n\n{body}\n"


def bullets(points: Iterable[str]) -> str:
    """A Markdown list with one item per line."""
    return "\n".join(f"* {point}" for point in points)


def fenced(language: str, lines: Iterable[str]) -> str:
    """A fenced code block."""
    return "\n".join([f"```{language}", *lines, "```"])
