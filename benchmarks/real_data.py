"""Cut SQuADShifts and XQuAD into the files of the real-data measurement of docs/results.md.

    python benchmarks/real_data.py --squadshifts new_wiki_v1.0.json --xquad FOLDER --out FOLDER

Gold is a random sample of SQuADShifts new-wiki (Miller et al. 2020). Of XQuAD (Artetxe et al. 2020), whose 48 articles stand
in the same order in every language, articles 0–3 give exemplars, 4–23 passages, 24–31 dev and 32–47 test: no article has two
roles, and SQuADShifts' passages are disjoint from XQuAD's.
"""

import argparse
import json
import random
from pathlib import Path
from typing import Any

ARTICLES = {"exemplars": range(4), "passages": range(4, 24), "dev": range(24, 32), "test": range(32, 48)}


def main() -> None:
    """Write gold.json and {exemplars,passages,dev,test}.{language}.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--squadshifts", type=Path, required=True)
    parser.add_argument("--xquad", type=Path, required=True, help="folder with xquad.LANGUAGE.json")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--languages", nargs="+", default=["en", "es", "hi"], help="of the XQuAD files")
    parser.add_argument("--gold", type=int, default=800, help="gold questions, all where there are not so many")
    parser.add_argument("--longest", type=int, default=1100, help="characters of the longest gold passage")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    write(args.out / "gold.json", sample_questions(read(args.squadshifts), args.gold, args.longest))
    for language in args.languages:
        articles = read(args.xquad / f"xquad.{language}.json")
        for role, numbers in ARTICLES.items():
            write(args.out / f"{role}.{language}.json", [articles[number] for number in numbers])


def sample_questions(articles: list[dict[str, Any]], count: int, longest: int) -> list[dict[str, Any]]:
    """`count` random questions over passages of at most `longest` characters, one paragraph each."""
    questions = [
        (article.get("title", ""), paragraph["context"], qa)
        for article in articles
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
        if len(paragraph["context"]) <= longest
    ]
    drawn = random.Random(1).sample(questions, min(count, len(questions)))
    return [{"title": title, "paragraphs": [{"context": context, "qas": [qa]}]} for title, context, qa in drawn]


def read(path: Path) -> list[dict[str, Any]]:
    """The articles of a SQuAD-format file."""
    articles: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["data"]
    return articles


def write(path: Path, articles: list[dict[str, Any]]) -> None:
    """Write a SQuAD-format file."""
    path.write_text(json.dumps({"version": "1.1", "data": articles}, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
