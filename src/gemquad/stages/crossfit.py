"""Train the weak labelers of round 1 where there is no gold: each on a part of the synthetic pairs, to judge the rest."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import read_records, write_json
from gemquad.student.crossfit import cross_fit
from gemquad.student.processes import is_main, on_every_gpu
from gemquad.tasks.loading import load_task


def main() -> None:
    args = parse_paths(__doc__, "synthetic", "students", "curve")
    params = load_params()
    on_every_gpu(params.student.batch_size)
    task = load_task(params)
    pairs = read_records(args.synthetic, task.records.synthetic)
    curve = cross_fit(pairs, task.head(), params.student, params.seed, args.students)
    if is_main():
        write_json(args.curve, curve)


if __name__ == "__main__":
    exit_on_user_error(main)
