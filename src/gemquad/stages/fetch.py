"""Fetch a hub data set at its revision, as a file in the task's format with its data card inside."""

from gemquad.commandline import run_stage
from gemquad.files import write_json
from gemquad.params import load_params
from gemquad.sources.catalogue import fetch
from gemquad.sources.entries import read_catalogue
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main(key: str) -> None:
    params = load_params()
    name, language = params.fetched(key)
    write_json(Workspace().fetched(key), fetch(read_catalogue(), name, language, load_task(params).format))


if __name__ == "__main__":
    run_stage(main, "key")
