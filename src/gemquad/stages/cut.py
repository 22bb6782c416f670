"""Choose the candidates for silver: of the synthetic pairs those whose answers the generator itself finds likeliest."""

from gemquad.commandline import run_stage
from gemquad.errors import UserError
from gemquad.generation.accounting import without_pairs
from gemquad.params import load_params
from gemquad.parquet import iterate_records, read_records, write_records
from gemquad.rounds.candidates import candidates
from gemquad.schema import Completion
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main() -> None:
    files, params = Workspace(), load_params()
    task = load_task(params)
    pairs = read_records(files.synthetic, task.records.synthetic)
    completions = iterate_records(files.completions, Completion)
    empty = [] if params.filter.allow_empty else sorted(set(params.lang) - {pair.language for pair in pairs})
    for language in empty:
        for sentence in without_pairs(iterate_records(files.completions, Completion), pairs, language):
            raise UserError(
                f"{language}: {sentence}. No student can learn from that: look at data/completions.parquet, and mend the prompt, "
                "the model or the server. Completions are kept: a server mended under the same name is asked again after "
                "`gemquad cache --prune --model NAME --older-than 0` and `dvc repro --force --single-item generate`. "
                f"To go on without: -S +filter.allow_empty=true; or leave {language} out of lang."
            )
    chosen = candidates(pairs, completions, params.filter.keep_fraction, task)
    write_records(files.candidates, task.records.synthetic, chosen)


if __name__ == "__main__":
    run_stage(main)
