"""Run DVC and watch: its stages, the job that runs with its ETA, the scores so far.

On a terminal this is one live view, elsewhere plain lines. The exit status is DVC's; Ctrl-C ends the run as it would without the
view. Without a command it runs `dvc repro`.
"""

import argparse
import sys
from pathlib import Path

from gemquad.errors import UserError

EXAMPLES = ("gemquad watch", "gemquad watch dvc repro --force", "gemquad watch dvc exp run -S lang=hi")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The DVC command to run, with its own options."""
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND", help="default: dvc repro")


def run(args: argparse.Namespace) -> None:
    """Run the command to its end and exit with its status."""
    from gemquad.monitor.watch import watch

    if not Path("dvc.yaml").exists():
        raise UserError("there is no dvc.yaml here. Run `gemquad watch` in the repository root.")
    words = args.words[1:] if args.words[:1] == ["--"] else args.words
    if "--run-all" in words:
        raise UserError("the queue runs in the background. Run `dvc queue start`, and follow with `dvc queue logs`.")
    sys.exit(watch(words or ["dvc", "repro"]))
