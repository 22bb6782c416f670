"""One file per command of `gemquad`, in the order of its help.

The first line of a file's docstring is the command's line in `gemquad --help`; the whole docstring and `EXAMPLES` are the
command's own help. `arguments` declares its options, `run` does its work. A command imports what is heavy where it works, so that
help is instant.
"""

from types import ModuleType

from gemquad.commands import (
    cache,
    completion,
    compose,
    diff,
    doctor,
    estimate,
    experiments,
    export,
    lock,
    predict,
    push,
    reference,
    score,
    summary,
    track,
    ui,
    watch,
)

COMMANDS: tuple[ModuleType, ...] = (
    watch,
    summary,
    experiments,
    diff,
    reference,
    ui,
    track,
    predict,
    export,
    push,
    score,
    estimate,
    doctor,
    cache,
    compose,
    lock,
    completion,
)
