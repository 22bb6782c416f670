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
