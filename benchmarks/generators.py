"""What a generator and its sampling yield: pairs, pairs that a student agrees with, and the seconds that one of these costs.

    python benchmarks/generators.py --students models/students/round-0 --out generators
    python benchmarks/generators.py --students models/students/round-0 --out generators --data real --languages es hi zh \\
        --generators gemma-270m qwen-coder-1.5b SmolLM2-135M-Instruct.Q4_1.gguf --settings default
    python benchmarks/generators.py --table generators/rows.parquet

Every cell has the same prompts with the same seeds, over passages evenly spaced; a setting fixes one key of `sampling`. A pair is a
parsed completion that nearly repeats no earlier one. A student keeps it by the default filter: the table has the mean over students,
with a 95% interval over passages. Distinct-2 is that of as many questions in every row. Seconds are of writing, without loading,
and of one student's judging. `rows.parquet` has every completion with what each student said of it; `--table` reads it again.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
import yaml

from gemquad.compute import compute_dtype, device
from gemquad.generation.backends.registry import load_backend
from gemquad.generation.engine import Engine
from gemquad.generation.pairs import PairPlan, complete, reject_near_duplicates, reject_repeats
from gemquad.generation.store import CompletionStore
from gemquad.params import ModelSource, Params, load_params
from gemquad.rounds.silver import judge
from gemquad.schema.records import PassagePrompt, SyntheticPair
from gemquad.scoring.bootstrap import ratio_interval
from gemquad.scoring.diversity import distinct_n
from gemquad.sources.squad import read_passages, read_questions
from gemquad.student.evaluation import label_candidates
from gemquad.tasks.loading import load_task
from gemquad.tasks.prompter import PromptSources

ROOT = Path(__file__).parents[1]
SETTINGS = (
    "default temperature=0.3 temperature=1.0 temperature=1.3 top_k=1 top_k=20 top_k=200 top_p=0.5 top_p=0.8 top_p=1.0"
)
PARSED = ("ok", "repeated pair", "near-duplicate pair")
Row = dict[str, Any]


def main() -> None:
    """Write and judge all cells, or read them, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=Path, nargs="+", help="print the table of these rows, and do nothing else")
    parser.add_argument(
        "--generators", nargs="+", default=["gemma-270m"], help="of conf/generator, folders, GGUF files"
    )
    parser.add_argument("--settings", nargs="+", default=SETTINGS.split())
    parser.add_argument("--students", type=Path, nargs="+", default=[], help="folders of saved students")
    parser.add_argument("--data", type=Path, default=ROOT / "data/sample", help="folder written by real_data.py")
    parser.add_argument("--languages", nargs="+", default=["es", "hi"])
    parser.add_argument("--prompts", type=int, default=120, help="of each language")
    parser.add_argument("--prompts-per-passage", type=int, default=3)
    parser.add_argument("--batch-tokens", type=int, default=16384, help="262144 feeds an H100")
    parser.add_argument("--compared", type=int, default=50, help="questions of each row that distinct-2 is of")
    parser.add_argument("--backend", default="transformers", choices=["transformers", "scripted"])
    parser.add_argument("--out", type=Path, default=Path("generators"))
    args = parser.parse_args()
    rows = pd.concat([pd.read_parquet(path) for path in args.table]) if args.table else measured(args)
    print(table(rows, args.compared))


def measured(args: argparse.Namespace) -> pd.DataFrame:
    """A row for every completion of every cell; in `rows.parquet` after each generator."""
    args.out.mkdir(parents=True, exist_ok=True)
    params, rows, store = settings(args), list[Row](), CompletionStore(args.out / "completions.db")
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else device()
    print(f"{name}, torch {torch.__version__}, {compute_dtype('auto')}, {torch.get_num_threads()} threads", flush=True)
    for generator in args.generators:
        backend = load_backend(params.backend, source_of(generator, args.out), params.generation)
        written: list[tuple[Row, SyntheticPair | None]] = []
        for setting in args.settings:
            for language in args.languages:
                prompts = prompts_of(language, setting, params, args)
                cell = {"generator": Path(generator).stem, "sampling": setting, "language": language}
                written += [({**cell, **row}, pair) for row, pair in write(prompts, Engine(backend, store), params)]
        del backend
        rows += judged(written, args.students, params)
        pd.DataFrame(rows).to_parquet(args.out / "rows.parquet")
    return pd.DataFrame(rows)


def settings(args: argparse.Namespace) -> Params:
    """The repository's settings with those of the options, and the room for questions that the runs on real data give."""
    params = load_params(ROOT / "params.yaml")
    generation = replace(params.generation, batch_tokens=args.batch_tokens, max_question_tokens=56)
    prompting = replace(params.prompting, prompts_per_passage=args.prompts_per_passage)
    return replace(
        params, backend=replace(params.backend, name=args.backend), generation=generation, prompting=prompting
    )


def source_of(name: str, out: Path) -> ModelSource:
    """The generator that `conf/generator` names, one in a folder, or a GGUF file, de-quantised into a folder of `out`."""
    named = ROOT / "conf/generator" / f"{name}.yaml"
    if named.exists():
        return ModelSource(**yaml.safe_load(named.read_text(encoding="utf-8")))
    if not name.endswith(".gguf"):
        return ModelSource(name)
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    file, folder = Path(name), out.absolute() / Path(name).stem
    given = {"gguf_file": file.name, "quantization_config": GgufConfig(dequantize=True), "dtype": torch.bfloat16}
    AutoModelForCausalLM.from_pretrained(file.parent, **given).save_pretrained(folder)
    AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name).save_pretrained(folder)
    return ModelSource(str(folder))


def prompts_of(language: str, setting: str, params: Params, args: argparse.Namespace) -> list[PassagePrompt]:
    """The same prompts in every cell of a language, but for the key of sampling that the setting fixes."""
    key, _, value = setting.partition("=")
    fixed: dict[str, Any] = {key: (yaml.safe_load(value),) * 2} if value else {}
    every = read_passages(args.data / f"passages.{language}.json", language)
    count = min(len(every), -(-args.prompts // args.prompts_per_passage))
    passages = [every[number * len(every) // count] for number in range(count)]
    exemplars = read_questions(args.data / f"exemplars.{language}.json", language)
    sampling, prompter = replace(params.sampling, **fixed), load_task(params).prompter
    return prompter.prompts(PromptSources([language], exemplars, passages), sampling, params.seed)[: args.prompts]


def write(prompts: Sequence[PassagePrompt], engine: Engine, params: Params) -> list[tuple[Row, SyntheticPair | None]]:
    """The completions of a cell, each with its share of the seconds and with its pair where it gave one."""
    plan: PairPlan[SyntheticPair] = PairPlan(load_task(params).prompter, params.generation)
    candidates = reject_near_duplicates(reject_repeats(complete(prompts, engine, plan), plan), plan)
    written: list[tuple[Row, SyntheticPair | None]] = []
    for prompt, candidate in zip(prompts, candidates, strict=True):
        one, pair = candidate.completion, candidate.pair
        row = {"id": prompt.id, "passage": prompt.passage_id, "outcome": one.outcome, "text": one.text}
        row.update({name: getattr(pair, name, None) for name in ("question", "answer", "answer_start")})
        row.update(tokens=one.prompt_tokens + one.completion_tokens, writing=engine.spent.seconds / len(prompts))
        written.append((row, pair))
    return written


def judged(written: Sequence[tuple[Row, SyntheticPair | None]], students: Sequence[Path], params: Params) -> list[Row]:
    """The rows with what each student said of their pairs; `kept` is the share of students that keep the pair."""
    pairs, task = [pair for _, pair in written if pair], load_task(params)
    began = time.perf_counter()
    answers = [label_candidates(student, pairs, params.student, task.head()) for student in students if pairs]
    seconds = (time.perf_counter() - began) / max(1, len(pairs) * len(answers))
    of_pair = iter(
        zip(*(judge(pairs, [[said] for said in own], set(), params.filter, task) for own in answers), strict=True)
    )
    rows = []
    for row, pair in written:
        said = next(of_pair, ()) if pair else ()
        answered = {"answers": [one.labeler_answer for one in said], "agreement": [one.agreement for one in said]}
        kept = sum(one.kept for one in said) / max(1, len(said))
        rows.append({**row, **answered, "kept": kept, "judging": seconds * bool(said)})
    return rows


def table(rows: pd.DataFrame, compared: int) -> str:
    """In Markdown: a line for each generator, setting and language, and one for all languages."""
    lines = []
    for names, cells in rows.groupby(["generator", "sampling"], sort=False):
        for language, own in [*cells.groupby("language", sort=False), ("all", cells)]:
            lines.append(
                {
                    **dict(zip(("generator", "sampling"), names, strict=True)),
                    "language": language,
                    **figures(own, compared),
                }
            )
    return pd.DataFrame(lines).to_markdown(index=False, disable_numparse=True)


def figures(rows: pd.DataFrame, compared: int) -> dict[str, str]:
    """What the rows of one line of the table come to."""
    kept = ratio_interval(rows["kept"], [1.0] * len(rows), rows.groupby(["language", "passage"]).ngroup())
    questions = rows["question"].dropna()
    distinct = distinct_n(questions.sample(compared, random_state=0), 2) if len(questions) >= compared else None
    seconds, total = rows["writing"].sum() + rows["judging"].sum(), rows["kept"].sum()
    return {
        "prompts": str(len(rows)),
        "parsed per 100": f"{100 * rows['outcome'].isin(PARSED).mean():.0f}",
        "pairs per 100": f"{100 * len(questions) / len(rows):.0f}",
        "kept per 100 (95%)": f"{100 * kept.value:.1f} ({100 * kept.low:.1f} to {100 * kept.high:.1f})",
        "distinct-2": f"{distinct:.3f}" if distinct else "–",
        "tokens": str(rows["tokens"].sum()),
        "seconds": f"{rows['writing'].sum():.0f} + {rows['judging'].sum():.0f}",
        "seconds per kept pair": f"{seconds / total:.2f}" if total else "–",
    }


if __name__ == "__main__":
    main()
