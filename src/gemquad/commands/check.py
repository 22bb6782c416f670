"""The command `check`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

from gemquad.text.characters import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gemquad.check.lines import Line
    from gemquad.params import Params

Words = Annotated[
    list[str] | None, Argument(metavar="FILE|KEY=VALUE", help="files, and Hydra overrides as after `exp run -S`")
]


def check(
    words: Words = None,
    fix: Annotated[
        bool, Option("--fix", help="write NAME.fixed.json with what can be mended without guessing")
    ] = False,
) -> None:
    """Find every fault of your own files before anything runs, and say what will be trained on.

    Without FILE it reads all that the settings name: every fault by kind with the first of each, texts that evaluation shares with
    other roles, what each role has, and where that is too little. Your files stay as they are. The exit status is 1 where there are
    faults, with --fix where some are left.

    $ gemquad check
    $ gemquad check data=files lang=es data.gold=gold.json
    $ gemquad check gold.json dev.json --fix
    """
    from gemquad.check.fixing import fix as write_fixed
    from gemquad.check.fixing import left
    from gemquad.check.inspection import inspect_files, inspect_settings
    from gemquad.check.lines import COLUMNS, conclusions, faults_of, row_of
    from gemquad.report.markdown import print_table

    files = [Path(word) for word in words or [] if _is_file(word)]
    params = _params([word for word in words or [] if not _is_file(word)])
    found = inspect_files(params, files) if files else inspect_settings(params)
    for faults in found.faults.values():
        _show(faults_of(faults, found.uses))
    print_table(COLUMNS, map(row_of, found.uses))
    _show(conclusions(found, fix))
    if fix:
        _show(write_fixed(found))
    raise Exit(1 if (left(found) if fix else found.has_faults) else 0)


def _is_file(word: str) -> bool:
    return Path(word).exists() or not ("=" in word or word.startswith("~"))


def _params(overrides: list[str]) -> "Params":
    """Those of params.yaml, or of conf/ with `overrides`."""
    from gemquad.params import load_params, read_composed
    from gemquad.settings.compose import composed

    if not overrides:
        return load_params()
    return read_composed(composed(Path(), overrides))


def _show(lines: "Iterable[Line]") -> None:
    """Print lines as they come, what steers a terminal escaped: wrapped below their indentation in a terminal, whole elsewhere."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    for indent, said in lines:
        text = on_one_line(said)
        if console.is_terminal:
            console.print(Padding(Text(text), (0, 0, 0, indent), expand=False))
        else:
            print(" " * indent + text)
