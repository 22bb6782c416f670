"""Put dev examples with right and with wrong answers before the round's filter. After the stop there is no filter to audit."""

import sys

from gemquad.commandline import run_stage
from gemquad.files import read_result, write_result
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.rounds.audit import audit, summarise
from gemquad.rounds.labels import answers_to
from gemquad.rounds.worth import Known, unaudited
from gemquad.schema import AuditedPair, LabelerAnswer, PairValue
from gemquad.schema.results import AUDIT, DECISION
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main(round: int) -> None:
    files, params = Workspace(), load_params()
    own, previous = files.round(round), files.round(round - 1)
    task = load_task(params)
    audited: list[AuditedPair] = []
    if not read_result(previous.decision, DECISION).stop:
        pairs = task.audit_pairs(read_records(files.dev, task.records.example), params.seed)
        answers = answers_to([one.pair for one in pairs], read_records(own.audit_labels, LabelerAnswer))
        known = Known.of(params.filter, read_records(own.values, PairValue))
        audited = audit(pairs, answers, params.filter, task, known)
        if left_out := unaudited(params.filter):
            print(f"note: {left_out}.", file=sys.stderr)
    write_records(own.audited, AuditedPair, audited)
    write_result(own.audit, AUDIT, summarise(audited, task))


if __name__ == "__main__":
    run_stage(main, "round")
