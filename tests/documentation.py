"""What a reader of README and docs copies into a shell: the fenced blocks, and what each of them says about being run."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MARK = re.compile(r"<!-- (composed, not run|not run|run by \S+):(.*?)-->", re.DOTALL)
_BLOCK = re.compile(rf"(?:{MARK.pattern}\n\n?)?^```(bash|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its document, its language, its text, and the fate and reason of the comment above it ("" without one)."""

    document: str
    language: str
    text: str
    fate: str
    reason: str

    def commands(self) -> Iterator[list[str]]:
        """The words of every simple command, also of those joined by && or |; without patterns that have an ellipsis."""
        for line in self.text.replace("\\\n", " ").split("\n"):
            if "…" not in line:
                words = shlex.shlex(line, posix=True, punctuation_chars="&|;<>")
                words.whitespace_split = True
                command: list[str] = []
                for word in words:
                    if set(word) <= set("&|;<>"):
                        yield command
                        command = []
                    else:
                        command.append(word)
                if command:
                    yield command

    def experiments(self) -> Iterator[list[str]]:
        """The overrides of every `dvc exp run`."""
        for command in self.commands():
            if " ".join(command).find("dvc exp run") >= 0:
                yield [after for word, after in pairwise(command) if word == "-S"]


def blocks(document: Path) -> list[Block]:
    """Its blocks of commands and programs, in order."""
    name = document.relative_to(ROOT).as_posix()
    found = _BLOCK.findall(document.read_text(encoding="utf-8"))
    return [Block(name, language, text, fate, reason.strip()) for fate, reason, language, text in found]
