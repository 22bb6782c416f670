"""Keep as silver the synthetic pairs whose answer the weak labeler predicts itself. After the stop, nothing is kept."""

from dataclasses import asdict

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_json, read_records, write_json, write_records
from gemquad.rounds.silver import count, judge, silver_pairs
from gemquad.rounds.stopping import Decision
from gemquad.schema import Judgement, SyntheticPair
from gemquad.tasks.base import load_task


def main() -> None:
    args = parse_paths(
        __doc__, "decision", "synthetic", "labeler", "seen", "judgements", "silver", "seen-after", "metrics"
    )
    params = load_params()
    seen = set(read_json(args.seen))
    pairs: list[SyntheticPair] = []
    judgements: list[Judgement] = []
    if not Decision.from_json(read_json(args.decision)).stop:
        from gemquad.student.evaluation import label

        pairs = read_records(args.synthetic, SyntheticPair)
        answers = label(args.labeler, pairs, params.student)
        judgements = judge(pairs, answers, seen, params.filter, load_task(params.task))
    silver = silver_pairs(pairs, judgements)
    write_records(args.judgements, Judgement, judgements)
    write_records(args.silver, SyntheticPair, silver)
    write_json(args.seen_after, sorted(seen.union(pair.id for pair in silver)))
    write_json(args.metrics, {language: asdict(counts) for language, counts in count(judgements, seen).items()})


if __name__ == "__main__":
    exit_on_user_error(main)
