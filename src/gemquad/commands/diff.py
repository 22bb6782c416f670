"""The command `diff`."""

import json
from dataclasses import asdict
from typing import Annotated

from typer import Argument, Option

from gemquad.commands.checkout import AsJson


def diff(
    a: Annotated[str, Argument(metavar="A", help="the run to start from")],
    b: Annotated[str, Argument(metavar="B", help="the other one")] = "workspace",
    examples: Annotated[int, Option(metavar="N", min=0, help="flipped ones shown each way")] = 5,
    as_json: AsJson = False,
) -> None:
    """Show the answers that flipped between two runs, with the paired interval of the difference.

    A run is an experiment that `gemquad experiments` lists, a Git revision, or "workspace". `dvc params diff A B` has the settings
    that differ, `dvc metrics diff A B` the scores.

    $ gemquad diff HEAD
    $ gemquad diff first looser --examples 20
    $ gemquad diff HEAD workspace --json
    """
    from gemquad.diff.answers import difference, read_run, show

    found = difference(read_run(a), read_run(b))
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=2))
        return
    show(found, examples)
    print(f"\nSettings and scores that differ: dvc params diff {a} {b}; dvc metrics diff {a} {b}")
