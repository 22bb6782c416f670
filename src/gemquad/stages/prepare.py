"""Gather all roles, refuse texts that evaluation shares with training or generation, and open the loop.

Where pairs are to be valued, half of dev is set aside for that.
"""

from gemquad.commandline import run_stage
from gemquad.files import write_json, write_result
from gemquad.params import load_params
from gemquad.parquet import write_records
from gemquad.rounds.halves import dev_halves
from gemquad.rounds.stopping import OPENING
from gemquad.schema import Passage
from gemquad.schema.results import DECISION, OVERLAPS, SILVER
from gemquad.sources.roles import gather
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main() -> None:
    files, params = Workspace(), load_params()
    task, opened = load_task(params), files.round(0)
    format = task.format
    roles = gather(files.read, params.data, params.lang, format)
    valuing, dev = dev_halves(roles.dev, task) if params.filter.weights == "value" else ([], roles.dev)
    write_records(files.gold, format.record, roles.gold)
    write_records(files.exemplars, format.record, roles.exemplars)
    write_records(files.passages, Passage, roles.passages)
    write_records(files.dev, format.record, dev)
    write_records(files.valuing, format.record, valuing)
    write_records(files.test, format.record, roles.test)
    write_records(files.translated, format.record, roles.translated)
    write_records(files.corrected, format.record, roles.corrected)
    write_result(files.overlaps, OVERLAPS, roles.overlaps)
    write_records(opened.silver, task.records.silver, [])
    write_result(opened.silver_counts, SILVER, {})
    write_json(opened.seen, [])
    write_result(opened.opening, DECISION, OPENING)


if __name__ == "__main__":
    run_stage(main)
