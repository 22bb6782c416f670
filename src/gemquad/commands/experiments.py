"""The command `experiments`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from typer import Option

from gemquad.errors import UserError
from gemquad.workspace import Workspace


def experiments(
    page: Annotated[
        Path | None, Option(metavar="FILE", help="also write the report of the workspace, with this table in it")
    ] = None,
) -> None:
    """Compare this repository's DVC experiments in one table.

    Each that finished has a row: the system that dev selected, its score on test by language, what it gains over the baseline with
    the 95% interval, and the settings in which the experiments differ.

    $ gemquad experiments
    $ gemquad experiments --page experiments.html
    """
    from gemquad.files import write_text
    from gemquad.params import load_params
    from gemquad.report.assemble import assemble
    from gemquad.report.experiments import rows, show
    from gemquad.report.page import page as html

    finished = rows()
    if not finished:
        raise UserError("no experiment has finished here yet. Run one: dvc exp run -S lang=hi.")
    show(finished)
    if page:
        write_text(page, html(replace(assemble(load_params(), Workspace()), experiments=finished)))
