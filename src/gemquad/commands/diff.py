"""Explain how two runs differ: parameters, data, scores, and the examples that flipped.

A run is an experiment that `gemquad experiments` lists, a Git revision, or "workspace".
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
    """Print the difference as Markdown or JSON."""
    import json
    from dataclasses import asdict

    from gemquad.diff.cache import Cache
    from gemquad.diff.difference import difference
    from gemquad.diff.markdown import markdown
    from gemquad.diff.run import read_run

    if args.examples < 0:
        raise UserError(f"--examples is {args.examples}; give how many flipped examples to show, 0 or more.")
    found = difference(read_run(args.a), read_run(args.b), Cache())
    print(json.dumps(asdict(found), ensure_ascii=False, indent=2) if args.json else markdown(found, args.examples))
