"""Let the weak labelers answer the candidates and the audit's pairs: the student of the round before, and those beside it.

Where half of dev is set aside to value pairs, the student of the round before also shows what all of these are worth. After the
stop nobody is asked.
"""

from gemquad.commandline import run_stage
from gemquad.files import read_result
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.rounds.labels import distinct, recorded
from gemquad.schema import LabelerAnswer, PairValue
from gemquad.schema.results import DECISION
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main(round: int) -> None:
    files, params = Workspace(), load_params()
    own, previous = files.round(round), files.round(round - 1)
    task = load_task(params)
    labels: list[LabelerAnswer] = []
    audit_labels: list[LabelerAnswer] = []
    worth: list[PairValue] = []
    if not read_result(previous.decision, DECISION).stop:
        from gemquad.student.labelers import Labelers
        from gemquad.student.value import values

        gold, dev, valuing = (
            read_records(path, task.records.example) for path in (files.gold, files.dev, files.valuing)
        )
        candidates = read_records(files.candidates, task.records.synthetic)
        learnt = read_records(previous.silver, task.records.silver) if gold or round > 1 else candidates
        audit_pairs = [one.pair for one in task.audit_pairs(dev, params.seed)]
        asked, places = distinct(audit_pairs, task)
        count, head, student = params.filter.labelers, task.head(), params.student
        labelers = Labelers(previous.student, gold, learnt, count, head, student, params.seed)
        juries = labelers.label([*candidates, *asked])
        labels = recorded(candidates, juries[: len(candidates)])
        audit_labels = recorded(audit_pairs, [juries[len(candidates) + place] for place in places])
        if valuing:
            valued = [*candidates, *audit_pairs]
            found = values(previous.student, valued, valuing, student, head)
            worth = [PairValue(one.id, one.language, value) for one, value in zip(valued, found, strict=True)]
    write_records(own.labels, LabelerAnswer, labels)
    write_records(own.audit_labels, LabelerAnswer, audit_labels)
    write_records(own.values, PairValue, worth)


if __name__ == "__main__":
    run_stage(main, "round")
