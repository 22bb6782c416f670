"""Put dev examples with right and with wrong answers before the round's filter. After the stop there is no filter to audit."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.files import read_result, write_result
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.rounds.audit import audit, summarise
from gemquad.schema import AuditedPair
from gemquad.schema.results import AUDIT, DECISION
from gemquad.tasks.kinds import load_task


def main() -> None:
    args = parse_paths(__doc__, "decision", "labeler", "dev", "audited", "metrics")
    params = load_params()
    task = load_task(params.task)
    audited: list[AuditedPair] = []
    if not read_result(args.decision, DECISION).stop:
        from gemquad.student.evaluation import label
        from gemquad.tasks.heads import load_head

        audited = audit(
            read_records(args.dev, task.records.example),
            lambda pairs: label(args.labeler, pairs, params.student, load_head(params.task)),
            params.filter,
            task,
            params.seed,
        )
    write_records(args.audited, AuditedPair, audited)
    write_result(args.metrics, AUDIT, summarise(audited, task))


if __name__ == "__main__":
    exit_on_user_error(main)
