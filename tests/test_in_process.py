"""Whole runs in one process: what holds of every run, whoever starts its stages."""

import hashlib
from pathlib import Path

from gemquad.files import read_json
from released import run_small


def test_two_runs_write_the_same_bytes(tiny_gemma: Path, tmp_path: Path) -> None:
    generator = [
        "backend=transformers",
        f"generator.name={tiny_gemma}",
        "generator.wheel=null",
        "generation.dtype=float32",
    ]
    for name in ("one", "two"):
        run_small(tmp_path / name, tiny_gemma, *generator, "filter.min_f1=0.0")
    first = digests(tmp_path / "one")
    assert {"data/synthetic.parquet", "models/students/round-1/model.safetensors", "reports/index.html"} <= first.keys()
    assert first == digests(tmp_path / "two")


def digests(folder: Path) -> dict[str, str]:
    """Of every file that stages wrote; how long generation took is no output of a stage."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "sample"]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.suffix != ".db" and path.name != "generation_time.json"
    }


def test_zero_silver_is_no_error(tiny_gemma: Path, tmp_path: Path) -> None:
    run_small(tmp_path, tiny_gemma, "filter.min_confidence=1.0")
    summary = (tmp_path / "reports/summary.md").read_text(encoding="utf-8")
    assert "the weak labeler agrees with none of" in summary
    assert read_json(tmp_path / "metrics/selection.json")["round"] == 0
