"""Keep as silver the candidates to which the weak labeler gave the same answer, or weigh them. After the stop, nothing is kept."""

import sys

from gemquad.commandline import run_stage
from gemquad.files import read_json, read_result, write_json, write_result
from gemquad.params import load_params
from gemquad.parquet import iterate_records, read_records, write_records
from gemquad.rounds.corrected import with_corrected
from gemquad.rounds.labels import answers_to
from gemquad.rounds.silver import Silver, keep
from gemquad.rounds.worth import Known
from gemquad.schema import Completion, Example, Judgement, LabelerAnswer, PairValue
from gemquad.schema.results import DECISION, SILVER
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main(round: int) -> None:
    files, params = Workspace(), load_params()
    own, previous = files.round(round), files.round(round - 1)
    task = load_task(params)
    seen = set(read_json(previous.seen))
    silver: Silver[Example] = Silver()
    if not read_result(previous.decision, DECISION).stop:
        pairs = read_records(files.candidates, task.records.synthetic)
        answers = answers_to(pairs, read_records(own.labels, LabelerAnswer))
        completions = iterate_records(files.completions, Completion)
        known = Known.of(params.filter, read_records(own.values, PairValue), completions)
        silver = keep(pairs, answers, seen, params.filter, task, known)
        silver = with_corrected(silver, read_records(files.corrected, task.records.example), seen, task)
    for warning in task.facts(silver.pairs).warnings if silver.pairs else ():
        print(f"warning: of the pairs that were kept: {warning}", file=sys.stderr)
    write_records(own.judgements, Judgement, silver.judgements)
    write_records(own.silver, task.records.silver, silver.pairs)
    write_json(own.seen, sorted(seen.union(pair.id for pair in silver.pairs)))
    write_result(own.silver_counts, SILVER, silver.counts)


if __name__ == "__main__":
    run_stage(main, "round")
