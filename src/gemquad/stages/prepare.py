"""Gather all roles and refuse texts that evaluation shares with training or generation."""

from dataclasses import asdict

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import write_json, write_records
from gemquad.schema import Passage
from gemquad.sources.roles import gather
from gemquad.tasks.loading import load_task


def main() -> None:
    args = parse_paths(__doc__, "read", "gold", "exemplars", "passages", "dev", "test", "translated", "overlaps")
    params = load_params()
    format = load_task(params).format
    roles = gather(args.read, params.data, params.lang, format)
    write_records(args.gold, format.record, roles.gold)
    write_records(args.exemplars, format.record, roles.exemplars)
    write_records(args.passages, Passage, roles.passages)
    write_records(args.dev, format.record, roles.dev)
    write_records(args.test, format.record, roles.test)
    write_records(args.translated, format.record, roles.translated)
    write_json(args.overlaps, [asdict(overlap) for overlap in roles.overlaps])


if __name__ == "__main__":
    exit_on_user_error(main)
