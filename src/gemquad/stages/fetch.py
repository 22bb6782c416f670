"""Fetch a hub data set at its revision, as a file in the task's format with its data card inside."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import write_json
from gemquad.sources.catalogue import fetch
from gemquad.sources.entries import read_catalogue
from gemquad.tasks.formats import load_format


def main() -> None:
    args = parse_paths(__doc__, "out", key=str, entry=str)
    params = load_params()
    language = args.key.removeprefix(f"{args.entry}-")
    write_json(args.out, fetch(read_catalogue(), args.entry, language, load_format(params.task)))


if __name__ == "__main__":
    exit_on_user_error(main)
