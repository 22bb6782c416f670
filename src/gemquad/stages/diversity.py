"""Measure how much the synthetic pairs differ from one another, by the kind of prompt that they were written for."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.files import write_result
from gemquad.params import load_params
from gemquad.parquet import iterate_records
from gemquad.schema.results import DIVERSITY
from gemquad.scoring.diversity import diversity_by
from gemquad.tasks.kinds import load_task


def main() -> None:
    args = parse_paths(__doc__, "prompts", "synthetic", "metrics")
    params = load_params()
    task = load_task(params.task)
    variants = {prompt.id: task.variant(prompt) for prompt in iterate_records(args.prompts, task.records.prompt)}
    sets: dict[str, dict[str, list[str]]] = {}
    for pair in iterate_records(args.synthetic, task.records.synthetic):
        text = "\n".join(text for _, text in task.shown(pair).lines)
        for name in filter(None, ["all", variants[pair.id]]):
            sets.setdefault(pair.language, {}).setdefault(name, []).append(text)
    write_result(args.metrics, DIVERSITY, {language: diversity_by(own) for language, own in sets.items()})


if __name__ == "__main__":
    exit_on_user_error(main)
