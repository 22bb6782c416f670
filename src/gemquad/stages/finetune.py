"""Fine-tune the pre-trained student on silver, then on gold. Without silver the student of the round before stays."""

from gemquad.carry import carry
from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_records, write_json
from gemquad.tasks.loading import load_task


def main() -> None:
    args = parse_paths(__doc__, "silver", "gold", "previous", "student", "curve")
    params = load_params()
    task = load_task(params)
    silver = read_records(args.silver, task.records.synthetic)
    if not silver:
        carry(args.previous, args.student)
        write_json(args.curve, [])
        return
    from gemquad.student.processes import is_main, on_every_gpu
    from gemquad.student.training import Phase, fine_tune
    from gemquad.tracking.live import LiveRun

    on_every_gpu(params.student.batch_size)
    head = task.head()
    gold = read_records(args.gold, task.records.example)
    phases = [
        Phase("silver", [head.input(pair) for pair in silver], params.student.silver_epochs),
        Phase("gold", [head.input(example) for example in gold], params.student.epochs),
    ]
    with LiveRun(args.student.name) as live:
        curve = fine_tune(phases, head, params.student, params.seed, args.student, live.step)
        live.finished(curve)
    if is_main():
        write_json(args.curve, curve)


if __name__ == "__main__":
    exit_on_user_error(main)
