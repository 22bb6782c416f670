"""What a generator and its sampling yield: pairs, pairs that a student agrees with, and the seconds that one of these costs.

    python benchmarks/generators.py --students models/students/round-0 --out generators
    python benchmarks/generators.py --students models/students/round-0 --out generators --data real --languages es hi zh \\
        --generators gemma-270m qwen-coder-1.5b smollm2-135m --settings default
    python benchmarks/generators_table.py generators/rows.parquet

Every cell has the same prompts with the same seeds, over passages evenly spaced; a setting fixes one key of `sampling`. A pair is
a parsed completion that nearly repeats no earlier one; students judge it by the default filter. `rows.parquet` has every completion
with what each student said of it. Seconds of writing are without the loading of the model; those of judging are one student's.
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from generators_table import Row, table

from gemquad.compute import compute_dtype, device
from gemquad.generation.backends.registry import load_backend
from gemquad.generation.engine import Engine
from gemquad.generation.pairs import PairPlan, complete, reject_near_duplicates, reject_repeats
from gemquad.generation.store import CompletionStore
from gemquad.params import ModelSource, Params, load_params
from gemquad.parquet import write_records
from gemquad.rounds.silver import judge
from gemquad.schema.records import PassagePrompt, SyntheticPair
from gemquad.sources.squad import read_passages, read_questions
from gemquad.student.evaluation import label_candidates
from gemquad.tasks.loading import load_task
from gemquad.tasks.prompter import PromptSources
from gemquad.yaml_files import read_yaml

ROOT = Path(__file__).parents[1]
SETTINGS = (
    "default temperature=0.3 temperature=1.0 temperature=1.3 top_k=1 top_k=20 top_k=200 top_p=0.5 top_p=0.8 top_p=1.0"
)


Written = tuple[Row, SyntheticPair | None]


def main() -> None:
    """Write and judge all cells, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generators", nargs="+", default=["gemma-270m"], help="names of conf/generator, or folders")
    parser.add_argument("--settings", nargs="+", default=SETTINGS.split())
    parser.add_argument("--students", type=Path, nargs="+", default=[], help="folders of saved students")
    parser.add_argument("--data", type=Path, default=ROOT / "data/sample", help="folder written by real_data.py")
    parser.add_argument("--languages", nargs="+", default=["es", "hi"])
    parser.add_argument("--prompts", type=int, default=120, help="of each language")
    parser.add_argument("--prompts-per-passage", type=int, default=3)
    parser.add_argument("--batch-tokens", type=int, default=16384, help="262144 feeds an H100")
    parser.add_argument("--backend", default="transformers", choices=["transformers", "scripted"])
    parser.add_argument("--out", type=Path, default=Path("generators"))
    print(table(measured(parser.parse_args())))


def measured(args: argparse.Namespace) -> list[Row]:
    """A row for every completion of every cell; in `rows.parquet` after each generator."""
    args.out.mkdir(parents=True, exist_ok=True)
    params, rows, store = settings(args), list[Row](), CompletionStore(args.out / "completions.db")
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else device()
    print(f"{name}, torch {torch.__version__}, {compute_dtype('auto')}, {torch.get_num_threads()} threads", flush=True)
    for generator in args.generators:
        backend = load_backend(params.backend, source_of(generator), params.generation)
        written: list[Written] = []
        for sampling in args.settings:
            for language in args.languages:
                prompts = prompts_of(language, sampling, params, args)
                written += write(prompts, Engine(backend, store), params, (Path(generator).name, sampling))
        del backend  # its memory is the students' now
        rows += judged(written, args.students, params)
        write_records(args.out / "rows.parquet", Row, rows)
    return rows


def settings(args: argparse.Namespace) -> Params:
    """The repository's settings with those of the options, and the room for questions that the runs on real data give."""
    params = load_params(ROOT / "params.yaml")
    return replace(
        params,
        backend=replace(params.backend, name=args.backend),
        generation=replace(params.generation, batch_tokens=args.batch_tokens, max_question_tokens=56),
        prompting=replace(params.prompting, prompts_per_passage=args.prompts_per_passage),
    )


def source_of(name: str) -> ModelSource:
    """The generator that `conf/generator` has under this name, or the one in a folder."""
    named = ROOT / f"conf/generator/{name}.yaml"
    return ModelSource(**read_yaml(named, "", "")) if named.exists() else ModelSource(name)


def prompts_of(language: str, sampling: str, params: Params, args: argparse.Namespace) -> list[PassagePrompt]:
    """The same prompts in every cell of a language, but for the key of sampling that the setting fixes."""
    key, _, value = sampling.partition("=")
    fixed: dict[str, Any] = {key: (json.loads(value),) * 2} if value else {}
    every = read_passages(args.data / f"passages.{language}.json", language)
    count = min(len(every), -(-args.prompts // args.prompts_per_passage))
    passages = [every[number * len(every) // count] for number in range(count)]
    sources = PromptSources([language], read_questions(args.data / f"exemplars.{language}.json", language), passages)
    drawn: list[PassagePrompt] = load_task(params).prompter.prompts(
        sources, replace(params.sampling, **fixed), params.seed
    )
    return drawn[: args.prompts]


def write(prompts: Sequence[PassagePrompt], engine: Engine, params: Params, names: tuple[str, str]) -> list[Written]:
    """The completions of a cell, of a generator and a setting by name, each with its pair where it gave one."""
    plan: PairPlan[SyntheticPair] = PairPlan(load_task(params).prompter, params.generation)
    candidates = reject_near_duplicates(reject_repeats(complete(prompts, engine, plan), plan), plan)
    seconds, written = engine.spent.seconds / len(prompts), list[Written]()
    for prompt, candidate in zip(prompts, candidates, strict=True):
        one, pair = candidate.completion, candidate.pair
        told = (*names, prompt.language, prompt.id, prompt.passage_id, one.outcome, one.text)
        question, answer, start = (pair.question, pair.answer, pair.answer_start) if pair else ("", "", -1)
        tokens = one.prompt_tokens + one.completion_tokens
        written.append((Row(*told, question, answer, start, tokens, seconds), pair))
    return written


def judged(written: Sequence[Written], students: Sequence[Path], params: Params) -> list[Row]:
    """The rows with what each student said of their pairs."""
    pairs, task, began = [pair for _, pair in written if pair], load_task(params), time.perf_counter()
    answers = [label_candidates(student, pairs, params.student, task.head()) for student in students if pairs]
    seconds = (time.perf_counter() - began) / max(1, len(pairs) * len(answers))
    of_pair = iter(
        zip(*(judge(pairs, [[said] for said in own], set(), params.filter, task) for own in answers), strict=True)
    )
    rows = []
    for row, pair in written:
        if pair and (said := next(of_pair, ())):
            row = replace(
                row,
                judging_seconds=seconds,
                student_answers=[one.labeler_answer for one in said],
                agreements=[one.agreement for one in said],
                kept=statistics.mean(one.kept for one in said),
            )
        rows.append(row)
    return rows


if __name__ == "__main__":
    main()
