"""The commands `summary`, `score` and `push`: what a run has given."""

import json
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from gemquad.errors import UserError
from gemquad.workspace import Workspace


def summary(
    format: Annotated[
        Literal["latex", "markdown"] | None,
        Option(metavar="FORMAT", help="a table to publish, markdown or latex: intervals, power, command"),
    ] = None,
) -> None:
    """Print the table of the last run and where its results lie.

    With --format it is one table to publish: every score and gain on test with its 95% interval, what differences the test set can
    show, and the command that made the run.

    $ gemquad summary
    $ gemquad summary --format latex > table.tex
    """
    from gemquad.repository.run_state import of_other_settings, to_commit

    report = Workspace().summary
    if not report.exists():
        raise UserError(f"{report} does not exist. Run `make repro` or `dvc repro` first, in the repository root.")
    if format:
        print(_to_publish(format))
        return
    other = of_other_settings()
    if other:
        print(f"This table is of an earlier run: params.yaml has other settings since ({other}).")
        print("Run them (gemquad watch), or bring back the defaults (gemquad compose).\n")
    print(report.read_text(encoding="utf-8"))
    print("Ask the student: gemquad predict. Compare runs: gemquad experiments, gemquad diff, gemquad ui (MLflow).")
    if not other and (how := to_commit()):
        print(how)


def _to_publish(format: Literal["latex", "markdown"]) -> str:
    """The table of the run that params.yaml has, which must have ended."""
    from gemquad.commands.estimate import run_power
    from gemquad.params import load_params
    from gemquad.report.assemble import assemble
    from gemquad.report.experiments import ended
    from gemquad.report.results_table import results_table
    from gemquad.settings.made_by import command
    from gemquad.tasks.loading import load_task

    files, params = Workspace(), load_params()
    if not ended(*(path.read_text("utf-8") if path.exists() else "" for path in (files.params, files.lock))):
        raise UserError(
            "params.yaml has other settings than the run that ended last. Run `dvc repro`, or bring back its params.yaml."
        )
    power = run_power(params, files, load_task(params))
    table = results_table(assemble(params, files), power, command(files.root))
    return table.latex() if format == "latex" else table.markdown()


def score(
    file: Annotated[Path, Argument(metavar="FILE", help="JSON, as above")],
    rows: Annotated[bool, Option("--rows", help="also print every row's scores")] = False,
) -> None:
    """Score answers of any system to questions, as MLQA does: F1 and exact match.

    The file: {"language": "es", "rows": [{"id": "1", "prediction": "en Lima", "references": ["Lima"]}]}

    $ gemquad score predictions.json --rows
    """
    from gemquad.scoring.files import score_file

    print(json.dumps(score_file(file, rows), ensure_ascii=False))


def push(
    model: Annotated[str | None, Option(metavar="OWNER/NAME", help="the repository for models/release")] = None,
    dataset: Annotated[str | None, Option(metavar="OWNER/NAME", help="the repository for data/release")] = None,
    private: Annotated[bool, Option("--private", help="make new repositories private; refuse public ones")] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="only show what would be sent")] = False,
) -> None:
    """Push the student and the silver to the hub, with their cards.

    They are the folders that the stage `report` made. A push needs a token that may write, in HF_TOKEN; `--dry-run` needs none.

    $ gemquad push --model OWNER/reader --dry-run
    $ HF_TOKEN=… gemquad push --model OWNER/reader --dataset OWNER/silver --private
    """
    from gemquad.sharing import Upload, hub, push

    uploads = [Upload(Workspace().released_model, "model", model)] if model else []
    uploads += [Upload(Workspace().released_data, "dataset", dataset)] if dataset else []
    if not uploads:
        raise UserError("say what to push: gemquad push --model OWNER/NAME, --dataset OWNER/NAME, or both.")
    api = None if dry_run else hub()
    for upload in uploads:
        for file in upload.files() if dry_run else ():
            print(f"{upload.kind} {upload.name}: {file.relative_to(upload.folder)}, {file.stat().st_size} bytes")
        if api:
            print(push(upload, api, private))
