"""Compare this repository's DVC experiments in one table.

Each that finished has a row: the system that dev selected, its score on test by language, what it gains over the baseline with the
95% interval, and the settings in which the experiments differ.
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
    """Print the table."""
    from dataclasses import replace

    from gemquad.files import write_text
    from gemquad.params import load_params
    from gemquad.report.assemble import assemble
    from gemquad.report.experiments import rows, show
    from gemquad.report.page import page

    experiments = rows()
    if not experiments:
        raise UserError("no experiment has finished here yet. Run one: dvc exp run -S lang=hi.")
    show(experiments)
    if args.page:
        content = assemble(load_params(), Workspace())
        write_text(args.page, page(replace(content, experiments=experiments)))
