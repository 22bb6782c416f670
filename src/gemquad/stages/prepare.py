"""Gather all roles and refuse passages that evaluation shares with training or generation."""

from dataclasses import asdict

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import write_json, write_records
from gemquad.schema import Passage, Question
from gemquad.sources.roles import gather


def main() -> None:
    args = parse_paths(__doc__, "read", "gold", "exemplars", "passages", "dev", "test", "translated", "overlaps")
    params = load_params()
    roles = gather(args.read, params.data, params.lang)
    write_records(args.gold, Question, roles.gold)
    write_records(args.exemplars, Question, roles.exemplars)
    write_records(args.passages, Passage, roles.passages)
    write_records(args.dev, Question, roles.dev)
    write_records(args.test, Question, roles.test)
    write_records(args.translated, Question, roles.translated)
    write_json(args.overlaps, [asdict(overlap) for overlap in roles.overlaps])


if __name__ == "__main__":
    exit_on_user_error(main)
