"""The command `reference`."""

from typing import Annotated

from typer import Argument


def reference(revision: Annotated[str, Argument(metavar="REV", help="the commit with it")] = "HEAD") -> None:
    """Hold the run of the workspace against the committed one: what is byte-identical, and by how much the rest differs.

    It compares what dvc.lock says of outputs. `dvc diff` names files as well, `dvc metrics diff` has every number; `gemquad diff`
    explains, where the answers of both runs are at hand. What a run took in time is left out.

    $ gemquad reference
    $ gemquad reference HEAD~1
    """
    from gemquad.diff.reference import compare, told

    print(told(compare(revision), revision))
