"""How long `gemquad check` takes on a large file with many faults, alone and as gold beside the other roles.

    python benchmarks/check.py [--rows 100000] [--each 30]

Passages are those of the bundled sample, each made distinct; every kind of `KINDS` is put into `--each` rows, spread over the file.
"""

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gemquad.files import read_json

ROOT = Path(__file__).parents[1]
QUESTIONS = 5  # about one passage
_QA = dict[str, Any]


def _answer(**values: Any) -> Callable[[_QA], None]:
    return lambda qa: qa["answers"][0].update(values)


def _shift(qa: _QA) -> None:
    qa["answers"][0]["answer_start"] += 1


KINDS: dict[str, Callable[[_QA], Any]] = {
    "answer not at its offset": _shift,
    "answer not in the passage": _answer(text="no such words"),
    '"answer_start" no whole number': _answer(answer_start="12"),
    '"text" empty': _answer(text=" "),
    "no answer": lambda qa: qa.update(answers=[]),
    "id used twice": lambda qa: qa.update(id="q0"),
    '"id" no string or number': lambda qa: qa.update(id=7.5),
    '"question" missing': lambda qa: qa.pop("question"),
    '"question" empty': lambda qa: qa.update(question=""),
    'unsound character in "question"': lambda qa: qa.update(question="Who\x00?"),
}
"""What is done to a sound question, by the kind of fault that it makes."""


def faulty(rows: int, each: int) -> dict[str, Any]:
    """A SQuAD document of `rows` questions, in which every kind of fault stands `each` times, none in the first passage."""
    paragraphs = cycle(
        p for article in read_json(ROOT / "data/sample/gold.en.json")["data"] for p in article["paragraphs"]
    )
    made = [_paragraph(number, next(paragraphs)["context"]) for number in range(rows // QUESTIONS)]
    questions = [qa for paragraph in made[1:] for qa in paragraph["qas"]]
    apart = len(questions) // (len(KINDS) * each)
    for number, fault in enumerate(list(KINDS.values()) * each):
        fault(questions[number * apart])
    return {"data": [{"title": "made", "paragraphs": made}]}


def _paragraph(number: int, text: str) -> dict[str, Any]:
    """A passage that no other is equal to, and questions on its first words."""
    passage = f"Number{number} {' '.join(f'{word}{number % 97}' for word in text.split())}"
    return {
        "context": passage,
        "qas": [
            {
                "id": f"q{QUESTIONS * number + n}",
                "question": f"What is {n}?",
                "answers": [{"text": passage.split()[0], "answer_start": 0}],
            }
            for n in range(QUESTIONS)
        ],
    }


def _seconds(*words: str) -> tuple[float, str]:
    """CPU seconds of a `gemquad check`, and its last line."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-m", "gemquad.cli", "check", *words], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, done.stdout.strip().splitlines()[-1]


def main() -> None:
    """Make the file, check it in both ways, print CPU seconds and what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--each", type=int, default=30)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        file = Path(folder, "gold.json")
        file.write_text(json.dumps(faulty(asked.rows, asked.each), ensure_ascii=False), encoding="utf-8")
        print(f"{asked.rows} rows, {file.stat().st_size / 2**20:.0f} MiB")
        for what, words in {
            "the file alone": [str(file)],
            "as gold, with the leak gate": [f"data.gold={file}"],
        }.items():
            print("{}: {:.1f} s of CPU; {}".format(what, *_seconds(*words)))


if __name__ == "__main__":
    main()
