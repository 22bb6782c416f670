"""What people call by hand: watch, read and compare runs, use the student. The runs themselves are DVC's."""

import inspect
from os import chdir
from os.path import relpath
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from gemquad.commands.check import check
from gemquad.commands.checkout import cache, compose, lock
from gemquad.commands.diff import diff
from gemquad.commands.doctor import doctor
from gemquad.commands.estimate import estimate
from gemquad.commands.experiments import experiments
from gemquad.commands.init import init
from gemquad.commands.reference import reference
from gemquad.commands.results import push, score, summary
from gemquad.commands.student import export, predict
from gemquad.commands.track import track
from gemquad.commands.ui import ui
from gemquad.commands.watch import watch
from gemquad.errors import exit_on_user_error
from gemquad.repository.checkout import root_above


class _InCheckout(TyperCommand):
    """A command that runs in the root of the checkout, whatever folder of it calls; files that it is given are found from there."""

    def invoke(self, ctx: Any) -> None:
        here = Path.cwd()
        root = root_above(here)
        if root and root != here:
            chdir(root)
            named = [name for name in ctx.params if ctx.get_parameter_source(name).name != "DEFAULT"]
            ctx.params |= {name: _found_from(here, ctx.params[name]) for name in named}
        super().invoke(ctx)


def _found_from(folder: Path, value: Any) -> Any:
    """The value of a parameter, paths in it as they are seen from the current folder and not from `folder`."""
    if isinstance(value, list | tuple):
        return [_found_from(folder, one) for one in value]
    if isinstance(value, str) and (folder / value).is_file():  # among words that may be something else
        return relpath(folder / value)
    return Path(relpath(folder / value)) if isinstance(value, Path) else value


class _Group(TyperGroup):
    """The commands of `gemquad`; whichever runs, a user's mistake ends it as `exit_on_user_error` says."""

    def invoke(self, ctx: Any) -> None:
        exit_on_user_error(lambda: super(_Group, self).invoke(ctx))


app = typer.Typer(
    cls=_Group,
    epilog="`gemquad COMMAND --help` has options and examples. A first run: docs/tutorial.md.",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich doubles the time until help is there, and takes [es] in an example for markup
    pretty_exceptions_enable=False,
)


@app.callback(help=__doc__, invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    if version:
        from importlib.metadata import version as installed

        print(f"gemquad {installed('gemquad')}")
        raise typer.Exit


for _command in (  # in the order of the help
    *(watch, summary, experiments, diff, reference, ui, track, predict, export, push, score, check, estimate, doctor),
    *(init, cache, compose, lock),
):
    _help, _, _examples = inspect.cleandoc(_command.__doc__ or "").partition("\n\n$ ")
    app.command(
        help=_help,
        short_help=_help.partition("\n")[0],
        cls=_InCheckout,
        epilog="\b\nexamples:\n  " + _examples.replace("\n$", "\n "),  # \b keeps the lines as they are
        context_settings={"allow_interspersed_args": _command is not watch},  # whose words are another command's
    )(_command)


def main() -> None:
    """Entry point of the `gemquad` command."""
    app(prog_name="gemquad")


if __name__ == "__main__":
    main()
