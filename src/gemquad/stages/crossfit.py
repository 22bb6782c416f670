"""Train the weak labelers of round 1 where there is no gold: each on a part of the synthetic pairs, to judge the rest."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.files import write_json
from gemquad.params import load_params
from gemquad.parquet import read_records
from gemquad.student.crossfit import cross_fit
from gemquad.student.processes import is_main, on_every_gpu
from gemquad.tasks.heads import load_head, training_records


def main() -> None:
    args = parse_paths(__doc__, "synthetic", "students", "curve")
    params = load_params()
    on_every_gpu(params.student.batch_size)
    pairs = read_records(args.synthetic, training_records(params.task)["synthetic"])
    head = load_head(params.task)
    curve = cross_fit(pairs, head, params.student, params.seed, args.students)
    if is_main():
        write_json(args.curve, curve)


if __name__ == "__main__":
    exit_on_user_error(main)
