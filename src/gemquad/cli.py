"""What people call by hand: watch, read and compare runs, use the student. The runs themselves are DVC's."""

import argparse
from types import ModuleType

from gemquad.commands import COMMANDS
from gemquad.errors import exit_on_user_error


def main() -> None:
    """Entry point of the `gemquad` command."""
    exit_on_user_error(_main)


def _main() -> None:
    args = parser().parse_args()
    args.run(args)


def parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    whole = argparse.ArgumentParser(
        prog="gemquad",
        description=__doc__,
        epilog="`gemquad COMMAND --help` has options and examples. A first run: docs/tutorial.md.",
    )
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        text = command.__doc__ or ""
        own = commands.add_parser(
            name(command),
            help=text.split("\n")[0],
            description=text,
            epilog="\n".join(["examples:", *(f"  {example}" for example in command.EXAMPLES)]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.arguments(own)
        own.set_defaults(run=command.run, parser=whole)
    return whole


def name(command: ModuleType) -> str:
    """The command-line name of a command: the name of its module."""
    return command.__name__.rpartition(".")[2]


if __name__ == "__main__":
    main()
