"""Hold the run of the workspace against the committed one: what is byte-identical, and by how much the rest differs.

It compares what dvc.lock says of outputs. `dvc diff` names files as well, `dvc metrics diff` has every number; `gemquad diff`
shows the answers that flipped, where those of both runs are at hand. What a run took in time is left out.
"""

import argparse

EXAMPLES = ("gemquad reference", "gemquad reference HEAD~1")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The revision that carries the other run."""
    parser.add_argument("revision", metavar="REV", nargs="?", default="HEAD", help="the commit with it (default: HEAD)")


def run(args: argparse.Namespace) -> None:
    """Print the comparison."""
    from gemquad.diff.reference import compare, told

    print(told(compare(args.revision), args.revision))
