"""Read and check one SQuAD-format file in its role, and note in a data card what it is."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import write_json, write_records
from gemquad.schema import Passage, Question
from gemquad.sources.squad import read_card, read_passages, read_questions


def main() -> None:
    args = parse_paths(__doc__, "file", "out", "card", key=str, role=str, language=str)
    params = load_params()
    limit = params.data.limit(args.role)
    records: list[Passage] | list[Question]
    if args.role == "passages":
        records = read_passages(args.file, args.language)[:limit]
        write_records(args.out, Passage, records)
    else:
        records = read_questions(args.file, args.language)[:limit]
        write_records(args.out, Question, records)
    what = {"key": args.key, "role": args.role, "language": args.language, "path": str(args.file)}
    write_json(args.card, {**what, "records": len(records), "hub": read_card(args.file)})


if __name__ == "__main__":
    exit_on_user_error(main)
