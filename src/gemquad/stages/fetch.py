"""Fetch a hub data set at its revision, as a file in the task's format with its data card inside."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import write_json
from gemquad.sources.catalogue import fetch
from gemquad.tasks.loading import load_task


def main() -> None:
    args = parse_paths(__doc__, "out", name=str, language=str)
    params = load_params()
    write_json(args.out, fetch(params.hub, args.name, args.language, load_task(params).format))


if __name__ == "__main__":
    exit_on_user_error(main)
