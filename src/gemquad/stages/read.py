"""Read and check one file in its role, and note in a data card what it is."""

import sys

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import write_json, write_records
from gemquad.schema import Passage
from gemquad.tasks.loading import load_task


def main() -> None:
    args = parse_paths(__doc__, "file", "out", "card", key=str, role=str, language=str)
    params = load_params()
    format = load_task(params).format
    records = format.read(args.file, args.language, args.role)[: params.data.limit(args.role)]
    facts = format.facts(args.role, records)
    for warning in facts.warnings:
        print(f"{args.key} ({args.file}): {warning}", file=sys.stderr)
    write_records(args.out, Passage if args.role == "passages" else format.record, records)
    what = {"key": args.key, "role": args.role, "language": args.language, "path": str(args.file)}
    write_json(args.card, {**what, "records": len(records), "hub": format.card(args.file), **facts.card})


if __name__ == "__main__":
    exit_on_user_error(main)
