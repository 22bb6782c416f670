"""Show the answers that flipped between two runs, with the paired interval of the difference.

A run is an experiment that `gemquad experiments` lists, a Git revision, or "workspace". `dvc params diff A B` has the settings that
differ, `dvc metrics diff A B` the scores.
"""

import argparse

from gemquad.errors import UserError

EXAMPLES = (
    "gemquad diff HEAD",
    "gemquad diff first looser --examples 20",
    "gemquad diff HEAD workspace --json",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The two runs to compare, and the options of the output."""
    parser.add_argument("a", metavar="A", help="the run to start from")
    parser.add_argument("b", metavar="B", nargs="?", default="workspace", help="the other one (default: workspace)")
    parser.add_argument("--examples", type=int, default=5, metavar="N", help="flipped ones shown each way (default 5)")
    parser.add_argument("--json", action="store_true", help="everything as one JSON object")


def run(args: argparse.Namespace) -> None:
    """Print the difference as tables or JSON."""
    import json
    from dataclasses import asdict

    from gemquad.diff.answers import difference, read_run, show

    if args.examples < 0:
        raise UserError(f"--examples is {args.examples}; give how many flipped examples to show, 0 or more.")
    found = difference(read_run(args.a), read_run(args.b))
    if args.json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=2))
        return
    show(found, args.examples)
    print(f"\nSettings and scores that differ: dvc params diff {args.a} {args.b}; dvc metrics diff {args.a} {args.b}")
