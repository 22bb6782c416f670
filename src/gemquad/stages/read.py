"""Read and check one SQuAD-format file in its role."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import write_records
from gemquad.schema import Passage, Question
from gemquad.sources.squad import read_passages, read_questions


def main() -> None:
    args = parse_paths(__doc__, "file", "out", role=str, language=str)
    params = load_params()
    limit = params.data.limit(args.role)
    if args.role == "passages":
        write_records(args.out, Passage, read_passages(args.file, args.language)[:limit])
    else:
        write_records(args.out, Question, read_questions(args.file, args.language)[:limit])


if __name__ == "__main__":
    exit_on_user_error(main)
