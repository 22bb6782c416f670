"""Keep as silver the synthetic pairs to which the weak labeler gives the same answer. After the stop, nothing is kept."""

import sys
from dataclasses import asdict

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_json, read_records, write_json, write_records
from gemquad.rounds.silver import count, judge, silver_pairs
from gemquad.rounds.stopping import Decision
from gemquad.schema import Example, Judgement
from gemquad.tasks.loading import load_task


def main() -> None:
    args = parse_paths(
        __doc__, "decision", "synthetic", "labeler", "seen", "judgements", "silver", "seen-after", "metrics"
    )
    params = load_params()
    task = load_task(params)
    seen = set(read_json(args.seen))
    pairs: list[Example] = []
    judgements: list[Judgement] = []
    if not Decision.from_json(read_json(args.decision)).stop:
        from gemquad.student.evaluation import label

        pairs = read_records(args.synthetic, task.records.synthetic)
        answers = label(args.labeler, pairs, params.student, task.head())
        judgements = judge(pairs, answers, seen, params.filter, task)
    silver = silver_pairs(pairs, judgements)
    for warning in task.facts(silver).warnings if silver else ():
        print(f"warning: of the pairs that were kept: {warning}", file=sys.stderr)
    write_records(args.judgements, Judgement, judgements)
    write_records(args.silver, task.records.synthetic, silver)
    write_json(args.seen_after, sorted(seen.union(pair.id for pair in silver)))
    write_json(args.metrics, {language: asdict(counts) for language, counts in count(judgements, seen).items()})


if __name__ == "__main__":
    exit_on_user_error(main)
