"""The command `experiments`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from typer import Option

from gemquad.errors import UserError
from gemquad.workspace import Workspace


def experiments(
    page: Annotated[Path | None, Option(metavar="FILE", help="also write the report, with this table in it")] = None,
) -> None:
    """Compare this repository's DVC experiments in one table.

    Each that finished has a row: the settings in which they differ, its scores on test, its gains with their intervals.

    $ gemquad experiments
    $ gemquad experiments --page experiments.html
    """
    from gemquad.files import write_text
    from gemquad.params import load_params
    from gemquad.report.assemble import assemble
    from gemquad.report.experiments import rows, shown_experiments, table
    from gemquad.report.page import page as html

    finished = shown_experiments()
    if not finished:
        raise UserError("no experiment has finished here yet. Run one: dvc exp run -S lang=hi.")
    print(table(finished))
    if page:
        write_text(page, html(replace(assemble(load_params(), Workspace()), experiments=rows(finished))))
