"""Rows per second and resident memory of the engine itself: many prompts through the scripted backend.

    python benchmarks/engine.py [--prompts 100000]

The prompts are built by a process of their own, so that the memory measured is that of the `generate` stage: reading prompts,
store, parsing, near-duplicates, choice, writing.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from gemquad.generation.backends.scripted import ScriptedBackend
from gemquad.generation.engine import Engine
from gemquad.generation.pairs import PairPlan, generate_pairs
from gemquad.generation.store import CompletionStore
from gemquad.params import load_params
from gemquad.parquet import read_records, write_records
from gemquad.schema import Completion, PassagePrompt, SyntheticPair
from gemquad.sources.squad import read_passages, read_questions
from gemquad.tasks.loading import load_task
from gemquad.tasks.prompter import PromptSources
from gemquad.tasks.prompting import PassagePrompting

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Print rows per second and peak resident memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=100_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        builder = multiprocessing.get_context("spawn").Process(target=build, args=(Path(folder), args.prompts))
        builder.start()
        builder.join()
        began = time.perf_counter()
        completions, pairs = generate(Path(folder))
        seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(
        f"{completions} prompts, {pairs} pairs in {seconds:.1f} s: {completions / seconds:.0f} rows/s, peak {peak:.0f} MiB"
    )


def build(folder: Path, count: int) -> None:
    """Write `count` prompts: the bundled sample's passages under as many names as it takes."""
    params = load_params(ROOT / "params.yaml")
    sample = ROOT / "data" / "sample"
    exemplars = [q for code in params.lang for q in read_questions(sample / f"exemplars.{code}.json", code)]
    passages = [p for code in params.lang for p in read_passages(sample / f"passages.{code}.json", code)]
    assert isinstance(params.prompting, PassagePrompting)
    needed = count // params.prompting.prompts_per_passage + 1
    many = [replace(passages[number % len(passages)], id=str(number)) for number in range(needed)]
    prompter = load_task(params).prompter
    prompts = prompter.prompts(PromptSources(params.lang, exemplars, many), params.sampling, params.seed)
    write_records(folder / "prompts.parquet", PassagePrompt, prompts[:count])


def generate(folder: Path) -> tuple[int, int]:
    """What the `generate` stage does; returns the numbers of completions and pairs."""
    params = load_params(ROOT / "params.yaml")
    prompts = read_records(folder / "prompts.parquet", PassagePrompt)
    plan = PairPlan(load_task(params).prompter, params.generation)
    engine = Engine(ScriptedBackend(), CompletionStore(folder / "completions.db"))
    completions, pairs = generate_pairs(prompts, engine, plan)
    write_records(folder / "completions.parquet", Completion, completions)
    write_records(folder / "synthetic.parquet", SyntheticPair, pairs)
    return len(completions), len(pairs)


if __name__ == "__main__":
    main()
