"""The table of `generators.py`: what each generator and setting yields, per language and in all.

    python benchmarks/generators_table.py generators/rows.parquet [more.parquet …]

Parsed are completions with a question and an answer in its passage, pairs those of them that nearly repeat no earlier one, kept the
pairs that a student agrees with: the mean over students, with a 95% interval over passages. Distinct-2 is of as many questions,
drawn at random, in every line. Seconds are of writing and of one student's judging; a kept pair costs both.
"""

import argparse
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gemquad.parquet import read_records
from gemquad.scoring.bootstrap import ratio_interval
from gemquad.scoring.diversity import distinct_n

PARSED = ("ok", "repeated pair", "near-duplicate pair")
COMPARED = 50
"""Questions of a line from which distinct-2 is computed; a line of fewer has none."""
NAMES = ("generator", "sampling", "language")
FIGURES = ("prompts", "parsed per 100", "pairs per 100", "kept per 100 (95%)", "distinct-2", "tokens", "seconds")


@dataclass(frozen=True)
class Row:
    """A completion; seconds are its share of its cell's, `kept` is the share of students that keep its pair, 0 to 1."""

    generator: str
    sampling: str
    language: str
    id: str
    passage_id: str
    outcome: str
    text: str
    question: str
    answer: str
    answer_start: int
    tokens: int
    writing_seconds: float
    judging_seconds: float = 0.0
    student_answers: list[str] = field(default_factory=list)
    agreements: list[float] = field(default_factory=list)
    kept: float = 0.0


def main() -> None:
    """Print the table of files of rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path, nargs="+", help="written by generators.py")
    print(table([row for path in parser.parse_args().rows for row in read_records(path, Row)]))


def table(rows: Sequence[Row]) -> str:
    """In Markdown: a line for each generator, setting and language, and one for all languages."""
    lines = [(*NAMES, *FIGURES, "seconds per kept pair"), ("---",) * 3 + ("--:",) * (len(FIGURES) + 1)]
    for names in dict.fromkeys((row.generator, row.sampling) for row in rows):
        cells = [row for row in rows if (row.generator, row.sampling) == names]
        for language in dict.fromkeys(row.language for row in cells):
            own = [row for row in cells if row.language == language]
            lines.append((*names, language, *figures(own)))
        lines.append((*names, "all", *figures(cells)))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def figures(rows: Sequence[Row]) -> list[str]:
    """What the rows of one line of the table come to."""
    groups = list(dict.fromkeys((row.language, row.passage_id) for row in rows))
    of = [groups.index((row.language, row.passage_id)) for row in rows]
    share = ratio_interval([row.kept for row in rows], [1.0] * len(rows), of)
    questions = [row.question for row in rows if row.outcome == "ok"]
    drawn = random.Random(0).sample(questions, COMPARED) if len(questions) >= COMPARED else []
    writing, judging = sum(row.writing_seconds for row in rows), sum(row.judging_seconds for row in rows)
    kept = sum(row.kept for row in rows)
    return [
        str(len(rows)),
        f"{100 * statistics.mean(row.outcome in PARSED for row in rows):.0f}",
        f"{100 * len(questions) / len(rows):.0f}",
        f"{100 * share.value:.1f} ({100 * share.low:.1f} to {100 * share.high:.1f})",
        f"{distinct_n(drawn, 2):.3f}" if drawn else "–",
        str(sum(row.tokens for row in rows)),
        f"{writing:.0f} + {judging:.0f}",
        f"{(writing + judging) / kept:.2f}" if kept else "–",
    ]


if __name__ == "__main__":
    main()
