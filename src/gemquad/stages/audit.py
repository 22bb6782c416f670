"""Put dev examples with right and with wrong answers before the round's filter. After the stop there is no filter to audit."""

from collections.abc import Sequence

from gemquad.commandline import run_stage
from gemquad.files import read_result, write_result
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.rounds.audit import audit, summarise
from gemquad.schema import AuditedPair, Example
from gemquad.schema.results import AUDIT, DECISION
from gemquad.tasks.answers import Answer
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main(round: int) -> None:
    files, params = Workspace(), load_params()
    own, previous = files.round(round), files.round(round - 1)
    task = load_task(params)
    audited: list[AuditedPair] = []
    if not read_result(previous.decision, DECISION).stop:
        from gemquad.student.evaluation import label_candidates

        def label(pairs: Sequence[Example]) -> list[list[list[Answer]]]:
            return [[own] for own in label_candidates(previous.student, pairs, params.student, task.head())]

        audited = audit(
            read_records(files.dev, task.records.example),
            label,
            params.filter,
            task,
            params.seed,
        )
    write_records(own.audited, AuditedPair, audited)
    write_result(own.audit, AUDIT, summarise(audited, task))


if __name__ == "__main__":
    run_stage(main, "round")
