"""Let the weak labeler, the student of the round before, answer the candidates and the audit's pairs. After the stop, none."""

from collections.abc import Sequence

from gemquad.commandline import run_stage
from gemquad.files import read_result
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.rounds.labels import answer_once, recorded
from gemquad.schema import Example, LabelerAnswer
from gemquad.schema.results import DECISION
from gemquad.tasks.answers import Answer
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main(round: int) -> None:
    files, params = Workspace(), load_params()
    own, previous = files.round(round), files.round(round - 1)
    task = load_task(params)
    labels: list[LabelerAnswer] = []
    audit_labels: list[LabelerAnswer] = []
    if not read_result(previous.decision, DECISION).stop:
        from gemquad.student.evaluation import label

        head = task.head()

        def answers(pairs: Sequence[Example]) -> list[Answer]:
            return label(previous.student, pairs, params.student, head)

        candidates = read_records(files.candidates, task.records.synthetic)
        audit_pairs = [one.pair for one in task.audit_pairs(read_records(files.dev, task.records.example), params.seed)]
        labels = recorded(candidates, answers(candidates))
        audit_labels = recorded(audit_pairs, answer_once(audit_pairs, answers, task))
    write_records(own.labels, LabelerAnswer, labels)
    write_records(own.audit_labels, LabelerAnswer, audit_labels)


if __name__ == "__main__":
    run_stage(main, "round")
