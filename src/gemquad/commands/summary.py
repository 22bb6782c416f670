"""Print the table of the last run and where its results lie."""

import argparse

from gemquad.errors import UserError
from gemquad.workspace import Workspace

EXAMPLES = ("gemquad summary",)


def arguments(parser: argparse.ArgumentParser) -> None:
    """This command takes no arguments."""


def run(args: argparse.Namespace) -> None:
    """Print what the stage `report` wrote."""
    report = Workspace().summary
    if not report.exists():
        raise UserError(f"{report} does not exist. Run `make repro` or `dvc repro` first, in the repository root.")
    print(report.read_text(encoding="utf-8"))
    print("Ask the student: gemquad predict. Compare runs: gemquad experiments, gemquad diff, gemquad ui (MLflow).")
