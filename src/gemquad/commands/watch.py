"""The command `watch`."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Exit

from gemquad.errors import UserError


def watch(
    words: Annotated[list[str] | None, Argument(metavar="COMMAND", help="dvc repro where none is given")] = None,
) -> None:
    """Run DVC and watch: what it will take, its stages, the job that runs with its ETA, the scores so far, the verdict.

    On a terminal this is one live view, elsewhere plain lines. The exit status is DVC's; Ctrl-C ends the run as it would without
    the view. Without a command it runs `dvc repro`; every word from the command on is its own, options as well.

    $ gemquad watch
    $ gemquad watch dvc repro --force
    $ gemquad watch dvc exp run -S lang=hi
    """
    from gemquad.monitor.watch import watch
    from gemquad.repository.asked import checked
    from gemquad.repository.run_state import other_than_defaults

    if not Path("dvc.yaml").exists():
        raise UserError("there is no dvc.yaml here. Run `gemquad watch` in the repository root.")
    if "--run-all" in (words or []):
        raise UserError("the queue runs in the background. Run `dvc queue start`, and follow with `dvc queue logs`.")
    command = checked(words or ["dvc", "repro"])
    if command[:2] == ["dvc", "repro"] and (changed := other_than_defaults()):
        print(
            f"settings other than the defaults: {changed}. `gemquad compose` brings the defaults back",
            flush=True,
        )
    raise Exit(watch(command))
