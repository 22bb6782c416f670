"""Compare this repository's DVC experiments in one table.

Each that finished has a row: the settings in which they differ, its scores on test, its gains with their intervals.
"""

import argparse
from pathlib import Path

from gemquad.errors import UserError
from gemquad.workspace import Workspace

EXAMPLES = ("gemquad experiments", "gemquad experiments --page experiments.html")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The path of the HTML page to write, if any."""
    parser.add_argument(
        "--page", type=Path, metavar="FILE", help="also write the report of the workspace, with this table in it"
    )


def run(args: argparse.Namespace) -> None:
    """Print the table as Markdown."""
    from dataclasses import replace

    from gemquad.files import write_text
    from gemquad.params import load_params
    from gemquad.report.assemble import assemble
    from gemquad.report.experiments import rows, shown_experiments, table
    from gemquad.report.page import page

    experiments = shown_experiments()
    if not experiments:
        raise UserError("no experiment has finished here yet. Run one: dvc exp run -S lang=hi.")
    print(table(experiments))
    if args.page:
        params = load_params()
        content = assemble(params, Workspace())
        write_text(args.page, page(replace(content, experiments=rows(experiments))))
