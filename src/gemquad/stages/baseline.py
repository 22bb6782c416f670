"""Train the student on gold alone, or on all synthetic pairs where there is no gold: the baseline.

Trained on gold, it is also the weak labeler of round 1.
"""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_records, write_json
from gemquad.student.processes import is_main, on_every_gpu
from gemquad.student.training import Phase, fine_tune
from gemquad.tasks.loading import load_task
from gemquad.tracking.live import LiveRun


def main() -> None:
    args = parse_paths(__doc__, "examples", "student", "curve", record=str)
    params = load_params()
    on_every_gpu(params.student.batch_size)
    task = load_task(params)
    head = task.head()
    record = task.records.example if args.record == "gold" else task.records.synthetic
    examples = read_records(args.examples, record)
    inputs = [head.input(example) for example in examples]
    head.check(inputs)
    epochs = params.student.epochs if args.record == "gold" else params.student.silver_epochs
    phases = [Phase(args.record, inputs, epochs)]
    with LiveRun(args.student.name) as live:
        curve = fine_tune(phases, head, params.student, params.seed, args.student, live.step)
        live.finished(curve)
    if is_main():
        write_json(args.curve, curve)


if __name__ == "__main__":
    exit_on_user_error(main)
