"""Print the script that lets a shell complete commands, options and files.

For zsh the folder of the file _gemquad must stand in $fpath.
"""

import argparse
from pathlib import Path

EXAMPLES = (
    "gemquad completion bash > ~/.local/share/bash-completion/completions/gemquad",
    "gemquad completion zsh > ~/.zfunc/_gemquad",
)
SHELLS = ("bash", "zsh", "tcsh")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The shell that the script is for."""
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help="bash, zsh or tcsh")


def run(args: argparse.Namespace) -> None:
    """Print the completion script to standard output."""
    import shtab

    _complete_files(args.parser)
    print(shtab.complete(args.parser, args.shell))


def _complete_files(parser: argparse.ArgumentParser) -> None:
    """Tell shtab which values are files: those that are parsed as paths."""
    import shtab

    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _complete_files(command)
        elif action.type is Path:
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # shtab reads it
