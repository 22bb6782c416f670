"""Read and check one file in its role, and note in a data card what it is."""

import sys

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import write_json, write_records
from gemquad.schema import Passage
from gemquad.tasks.formats import load_format


def main() -> None:
    args = parse_paths(__doc__, "file", "out", "card", key=str)
    params = load_params()
    format = load_format(params.task)
    role, language = params.data.role_of(args.key)
    records = format.read(args.file, language, role)[: params.data.limit(role)]
    facts = format.facts(role, records)
    for warning in facts.warnings:
        print(f"{args.key} ({args.file}): {warning}", file=sys.stderr)
    write_records(args.out, Passage if role == "passages" else format.record, records)
    what = {"key": args.key, "role": role, "language": language, "path": str(args.file)}
    write_json(args.card, {**what, "records": len(records), "hub": format.card(args.file), **facts.card})


if __name__ == "__main__":
    exit_on_user_error(main)
