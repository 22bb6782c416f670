"""Measure how much the synthetic pairs differ from one another, by the kind of prompt that they were written for."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.params import load_params
from gemquad.records import iterate_records, write_json
from gemquad.scoring.diversity import diversity_by
from gemquad.tasks.loading import load_task


def main() -> None:
    args = parse_paths(__doc__, "prompts", "synthetic", "metrics")
    params = load_params()
    task = load_task(params)
    variants = {prompt.id: task.variant(prompt) for prompt in iterate_records(args.prompts, task.records.prompt)}
    sets: dict[str, dict[str, list[str]]] = {}
    for pair in iterate_records(args.synthetic, task.records.synthetic):
        text = "\n".join(task.texts(pair).generated)
        for name in filter(None, ["all", variants[pair.id]]):
            sets.setdefault(pair.language, {}).setdefault(name, []).append(text)
    write_json(args.metrics, {language: diversity_by(own) for language, own in sets.items()})


if __name__ == "__main__":
    exit_on_user_error(main)
