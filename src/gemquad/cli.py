"""`gemquad …`: what people call by hand. The pipeline itself runs through DVC."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from gemquad.errors import UserError, exit_on_user_error


def main() -> None:
    """Entry point of the `gemquad` command."""
    parser = argparse.ArgumentParser(prog="gemquad", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    score = commands.add_parser("score", help="score predictions with the MLQA normaliser")
    score.add_argument("file", type=Path, help='JSON: {"language": …, "rows": [{"id", "prediction", "references"}]}')
    score.add_argument("--rows", action="store_true", help="also print every row's scores")
    score.set_defaults(run=lambda args: _score(args.file, args.rows))

    compose = commands.add_parser("compose", help="write params.yaml from conf/")
    compose.add_argument("overrides", nargs="*", help="Hydra overrides, e.g. lang=hi stopping.max_rounds=3")
    compose.set_defaults(run=lambda args: _compose(args.overrides))

    summary = commands.add_parser("summary", help="print the table of the last run and where its results lie")
    summary.set_defaults(run=lambda args: _summary())

    estimate = commands.add_parser("estimate", help="forecast tokens, time and money of the generation before it runs")
    estimate.add_argument("--sample", type=int, default=64, help="prompts to count tokens of (default 64)")
    estimate.add_argument("--measure", type=int, default=0, help="completions to generate, and keep, for the forecast")
    estimate.set_defaults(run=lambda args: _estimate(args.sample, args.measure))

    cache = commands.add_parser("cache", help="show or prune the completions kept from earlier runs")
    cache.add_argument("--prune", action="store_true", help="delete instead of showing; needs one of the next two")
    cache.add_argument("--model", help="only of this generator")
    cache.add_argument("--older-than", type=float, metavar="DAYS", help="only those generated so long ago")
    cache.set_defaults(run=lambda args: _cache(args.prune, args.model, args.older_than))

    experiments = commands.add_parser("experiments", help="compare this repository's DVC experiments in one table")
    experiments.add_argument(
        "--page", type=Path, metavar="FILE", help="also write the workspace's report with them into FILE"
    )
    experiments.set_defaults(run=lambda args: _experiments(args.page))

    ui = commands.add_parser("ui", help="open MLflow on loopback")
    ui.add_argument("--port", type=int, default=5000)
    ui.set_defaults(run=lambda args: _ui(args.port))

    args = parser.parse_args()
    run: Callable[[argparse.Namespace], None] = args.run
    exit_on_user_error(lambda: run(args))


def _score(file: Path, with_rows: bool) -> None:
    from gemquad.scoring.files import score_file

    json.dump(score_file(file, with_rows), sys.stdout, ensure_ascii=False)
    print()


def _compose(overrides: list[str]) -> None:
    from gemquad.compose import compose

    compose(Path(), overrides)


def _summary() -> None:
    report = Path("reports/summary.md")
    if not report.exists():
        raise UserError(f"{report} does not exist. Run `make repro` or `dvc repro` first, in the repository root.")
    print(report.read_text(encoding="utf-8"))
    print("Compare runs in MLflow: make ui")


def _estimate(sample: int, measure: int) -> None:
    from gemquad.generation.backend import load_backend
    from gemquad.generation.engine import Caps, Engine
    from gemquad.generation.estimate import estimate
    from gemquad.generation.pairs import Plan
    from gemquad.generation.store import Store, store_path
    from gemquad.params import load_params
    from gemquad.records import read_records
    from gemquad.tasks.kinds import load_task
    from gemquad.tasks.prompts import load_prompter

    params = load_params()
    prompts = read_records(Path("data/prompts.parquet"), load_task(params.task).records.prompt)
    if not prompts or sample < 1 or measure < 0:
        raise UserError("there is nothing to estimate: data/prompts.parquet is empty, or --sample is under 1.")
    backend = load_backend(params.backend, params.generator, params.generation)
    engine = Engine(backend, Store(store_path()), Caps.of(params.generation, params.prices))
    plan = Plan(load_prompter(params.task, params.prompting, params.generation), params.generation)
    print("\n".join(estimate(prompts, engine, plan, params.prices, sample, measure).lines()))


def _cache(prune: bool, model: str | None, older_than: float | None) -> None:
    from gemquad.generation.store import Store, store_path

    path = store_path()
    if not path.exists():
        raise UserError(f"{path} does not exist: nothing has been generated in this checkout yet.")
    if not prune and (model is not None or older_than is not None):
        raise UserError(
            "--model and --older-than say what to delete: add --prune, or leave them out to see what is kept."
        )
    store = Store(path)
    if prune:
        if model is None and older_than is None:
            raise UserError(
                "say what to prune: gemquad cache --prune --older-than 30, or --model NAME, or --older-than 0."
            )
        print(f"deleted {store.prune(model, older_than or 0.0)} completions")
    print(f"{path}: {path.stat().st_size / 2**20:.1f} MiB")
    for held in store.holdings():
        print(
            f"{held.model}: {held.completions} completions, {held.spent.prompt_tokens} tokens in, "
            f"{held.spent.completion_tokens} out, {held.spent.seconds:.0f} s; asked {held.requests} times, {held.hits} hits"
        )


def _experiments(target: Path | None) -> None:
    from dataclasses import replace

    from gemquad.params import load_params
    from gemquad.records import write_text
    from gemquad.report.assemble import Files, assemble
    from gemquad.report.experiments import rows, shown_experiments, table
    from gemquad.report.page import page

    experiments = shown_experiments()
    if not experiments:
        raise UserError("no experiment has finished here yet. Run one: dvc exp run -S lang=hi.")
    print(table(experiments))
    if target:
        params = load_params()
        content = assemble(params, Files.of_workspace(params.stopping.max_rounds))
        write_text(target, page(replace(content, experiments=rows(experiments))))


def _ui(port: int) -> None:
    from gemquad.tracking import default_tracking_uri

    uri = default_tracking_uri()
    file = Path(uri.removeprefix("sqlite:///"))
    if uri.startswith("sqlite:///") and not file.exists():
        raise UserError(f"{file} does not exist. Run `make repro` first, and `gemquad ui` in the repository root.")
    command = [sys.executable, "-m", "mlflow", "ui", "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    try:
        done = subprocess.run([*command, "--backend-store-uri", uri], env=environment, check=False)
    except KeyboardInterrupt:
        return
    if done.returncode:
        raise UserError(
            f"MLflow's UI ended with status {done.returncode}. If port {port} is taken: gemquad ui --port 5001."
        )


if __name__ == "__main__":
    main()
