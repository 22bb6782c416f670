"""Score answers of any system to questions, as MLQA does: F1 and exact match."""

import argparse
import json
import sys
from pathlib import Path

EXAMPLES = ("gemquad score predictions.json", "gemquad score predictions.json --rows")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The file of predictions, and whether to print the scores of every row."""
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help='JSON: {"language": "es", "rows": [{"id": "1", "prediction": "en Lima", "references": ["Lima"]}]}',
    )
    parser.add_argument("--rows", action="store_true", help="also print every row's scores")


def run(args: argparse.Namespace) -> None:
    """Print the scores as one JSON object."""
    from gemquad.scoring.files import score_file

    json.dump(score_file(args.file, args.rows), sys.stdout, ensure_ascii=False)
    print()
