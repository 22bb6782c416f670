"""Fine-tune the pre-trained student on silver, then on gold. In round 0, the baseline, that is gold alone.

Without gold round 0 trains on all synthetic pairs, and beside its student the two that judge them in round 1. A round without
silver trains nothing: its folder stays empty.
"""

from gemquad.commandline import run_stage
from gemquad.files import write_json
from gemquad.params import load_params
from gemquad.parquet import read_records
from gemquad.rounds.stopping import system_name
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main(round: int) -> None:
    files, params = Workspace(), load_params()
    own, task = files.round(round), load_task(params)
    gold = read_records(files.gold, task.records.example)
    is_zero_shot = round == 0 and not gold
    written, record = (files.synthetic, task.records.synthetic) if is_zero_shot else (own.silver, task.records.silver)
    silver = read_records(written, record)
    if round > 0 and not silver:
        own.student.mkdir(parents=True, exist_ok=True)
        write_json(own.curve, [])
        return
    from gemquad.student.crossfit import cross_fit
    from gemquad.student.processes import is_main, on_every_gpu
    from gemquad.student.training import fine_tune, sequence
    from gemquad.tracking.live import LiveRun

    on_every_gpu(params.student.batch_size)
    head = task.head()
    examples = {"synthetic" if is_zero_shot else "silver": silver, "gold": gold}
    phases = sequence(examples, head, params.student)
    if round == 0:
        head.check([one for phase in phases for one in phase.inputs])
    with LiveRun(system_name(round)) as live:
        curve = fine_tune(phases, head, params.student, params.seed, own.student, live.step)
        live.finished(curve)
    if is_zero_shot:
        cross_fit(silver, head, params.student, params.seed, own.student)
    if is_main():
        write_json(own.curve, curve)


if __name__ == "__main__":
    run_stage(main, "round")
