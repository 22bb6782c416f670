"""A run that is pushed to a DVC remote is whole in another clone: nothing runs again."""

import shutil
from pathlib import Path

from checkout import Checkout
from test_pipeline import finished  # noqa: F401, a fixture


def test_a_clone_pulls_what_was_pushed_and_runs_nothing(finished: Checkout, tmp_path: Path) -> None:  # noqa: F811
    shutil.copytree(finished.root, tmp_path / "first", symlinks=True)
    first, clone = (Checkout(tmp_path / name, finished.settings) for name in ("first", "clone"))
    first.run("dvc", "remote", "add", "--default", "storage", "../storage")
    first.run("git", "add", "-A")
    first.run("git", "commit", "-qm", "A finished run")
    first.run("dvc", "push")
    first.run("git", "clone", "-q", ".", "../clone")
    clone.run("dvc", "pull")
    assert clone.stages_run(clone.run("dvc", "repro")) == set()
    for result in ("models/best/model.safetensors", "models/release/README.md", "data/release/es/silver.parquet"):
        assert (clone.root / result).read_bytes() == (first.root / result).read_bytes()
    assert clone.json("metrics/gains.json") == first.json("metrics/gains.json")
    for of_this_machine in ("metrics/generation_time.json", "mlflow.db"):
        assert (first.root / of_this_machine).exists() and not (clone.root / of_this_machine).exists()
