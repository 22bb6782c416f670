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
    """Explain how two runs differ: parameters, data, scores, and the examples that flipped.

    A run is an experiment that `gemquad experiments` lists, a Git revision, or "workspace".

    $ gemquad diff HEAD
    $ gemquad diff first looser --examples 20
    $ gemquad diff HEAD workspace --json
    """
    from gemquad.diff.cache import Cache
    from gemquad.diff.difference import difference
    from gemquad.diff.markdown import markdown
    from gemquad.diff.run import read_run

    found = difference(read_run(a), read_run(b), Cache())
    print(json.dumps(asdict(found), ensure_ascii=False, indent=2) if as_json else markdown(found, examples))
