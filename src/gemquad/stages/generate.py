"""Let the generator complete every prompt, read them as synthetic pairs and measure how these differ."""

import sys
from collections.abc import Mapping

from gemquad.commandline import run_stage
from gemquad.files import write_result
from gemquad.generation.accounting import account, provenance, texts_by_variant, timing
from gemquad.generation.backends.registry import load_backend
from gemquad.generation.engine import Caps, Engine
from gemquad.generation.pairs import PairPlan, generate_pairs
from gemquad.generation.store import CompletionStore, store_path
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.schema import Completion
from gemquad.schema.results import DIVERSITY, GENERATION, GENERATION_TIME, LanguageGeneration
from gemquad.scoring.diversity import diversity_by
from gemquad.tasks.loading import load_task
from gemquad.weights import tuned
from gemquad.workspace import Workspace


def main() -> None:
    files, params = Workspace(), load_params()
    task = load_task(params)
    prompts = read_records(files.prompts, task.records.prompt)
    plan = PairPlan(task.prompter, params.generation)
    backend = load_backend(params.backend, tuned(params.generator, files.generator), params.generation)
    engine = Engine(backend, CompletionStore(store_path()), Caps.of(params.generation, params.prices))
    completions, pairs = generate_pairs(prompts, engine, plan)
    accounted = account(completions, pairs, params.prices, task, provenance(engine))
    _warn(accounted.languages)
    write_records(files.completions, Completion, completions)
    write_records(files.synthetic, task.records.synthetic, pairs)
    write_result(files.generation, GENERATION, accounted)
    time = timing(completions, len(pairs), engine.store, params.prices)
    write_result(files.generation_time, GENERATION_TIME, time)
    texts = texts_by_variant(pairs, prompts, task)
    write_result(files.diversity, DIVERSITY, {language: diversity_by(own) for language, own in texts.items()})


def _warn(languages: Mapping[str, LanguageGeneration]) -> None:
    for language, counts in languages.items():
        for warning in counts.warnings:
            print(f"warning: {language}: {warning}", file=sys.stderr)


if __name__ == "__main__":
    run_stage(main)
