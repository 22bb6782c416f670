"""Put dev examples with right and with wrong answers before the round's filter. After the stop there is no filter to audit."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_json, read_records, write_json, write_records
from gemquad.rounds.audit import audit, summarise
from gemquad.rounds.stopping import Decision
from gemquad.schema import AuditedPair
from gemquad.tasks.loading import load_task


def main() -> None:
    args = parse_paths(__doc__, "decision", "labeler", "dev", "audited", "metrics")
    params = load_params()
    task = load_task(params)
    audited: list[AuditedPair] = []
    if not Decision.from_json(read_json(args.decision)).stop:
        from gemquad.student.evaluation import label

        audited = audit(
            read_records(args.dev, task.records.example),
            lambda pairs: label(args.labeler, pairs, params.student, task.head()),
            params.filter,
            task,
            params.seed,
        )
    write_records(args.audited, AuditedPair, audited)
    write_json(args.metrics, summarise(audited, task))


if __name__ == "__main__":
    exit_on_user_error(main)
