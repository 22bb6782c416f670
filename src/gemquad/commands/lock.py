"""Renew code.lock.yaml: for every stage of dvc.yaml a digest of the code that it runs.

To be called after a change of code, before the next run and before a commit. DVC runs again the stages whose digest changed.
"""

import argparse

from gemquad.code_lock import write_lock
from gemquad.workspace import Workspace

EXAMPLES = ("gemquad lock",)


def arguments(parser: argparse.ArgumentParser) -> None:
    """This command takes no arguments."""


def run(args: argparse.Namespace) -> None:
    """Write code.lock.yaml and print the stages whose code has changed."""
    changed = write_lock(Workspace().code_lock)
    print(f"to run again: {', '.join(changed)}" if changed else "nothing changed")
