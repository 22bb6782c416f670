"""Let the generator complete every prompt, read the completions, choose the synthetic pairs and measure how they differ."""

import sys
from collections.abc import Mapping
from typing import Any

from gemquad.commandline import run_stage
from gemquad.generation.accounting import account, provenance, texts_by_variant, timing
from gemquad.generation.backend import load_backend
from gemquad.generation.engine import Caps, Engine
from gemquad.generation.pairs import Plan, generate_pairs
from gemquad.generation.store import Store, store_path
from gemquad.params import load_params
from gemquad.records import read_records, write_json, write_records
from gemquad.schema import Completion
from gemquad.scoring.diversity import diversity_by
from gemquad.tasks.kinds import load_task
from gemquad.tasks.prompts import load_prompter
from gemquad.workspace import Workspace


def main() -> None:
    files, params = Workspace(), load_params()
    task = load_task(params.task)
    prompts = read_records(files.prompts, task.records.prompt)
    plan = Plan(load_prompter(params.task, params.prompting, params.generation), params.generation)
    backend = load_backend(params.backend, params.generator, params.generation)
    engine = Engine(backend, Store(store_path()), Caps.of(params.generation, params.prices))
    completions, pairs = generate_pairs(prompts, engine, plan)
    accounted = account(completions, pairs, params.prices, task)
    _warn(accounted["languages"])
    write_records(files.completions, Completion, completions)
    write_records(files.synthetic, task.records.synthetic, pairs)
    write_json(files.generation, {**accounted, "generator": provenance(engine)})
    write_json(files.generation_time, timing(completions, len(pairs), engine.store, params.prices))
    texts = texts_by_variant(pairs, prompts, task)
    write_json(files.diversity, {language: diversity_by(own) for language, own in texts.items()})


def _warn(languages: Mapping[str, Mapping[str, Any]]) -> None:
    for language, counts in languages.items():
        for warning in counts["warnings"]:
            print(f"warning: {language}: {warning}", file=sys.stderr)


if __name__ == "__main__":
    run_stage(main)
