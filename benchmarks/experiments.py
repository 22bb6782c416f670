"""How long `gemquad experiments` takes with many experiments, its start included.

    python benchmarks/experiments.py --experiments 50

A repository of its own gets the run that this checkout has in Git as its commit, and as many experiments, each with another seed.
The table is printed, then the seconds by the clock and of the processors, Git's among them.
"""

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
KEPT = ("params.yaml", "dvc.lock", "metrics")


def main() -> None:
    """Make the repository, list its experiments, print the times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=50)
    number = parser.parse_args().experiments
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        saved(root, number)
        used, started = _processor_seconds(), time.perf_counter()
        command = [sys.executable, "-m", "gemquad.cli", "experiments"]
        subprocess.run(command, cwd=root, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, check=True)
        took, spent = time.perf_counter() - started, _processor_seconds() - used
    print(f"{number} experiments: {took:.1f} s, {spent:.1f} s of the processors")


def saved(root: Path, number: int) -> None:
    """A repository with the committed run, and `number` experiments at the references where DVC keeps them."""
    archive = subprocess.run(["git", "archive", "HEAD", *KEPT], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x"], cwd=root, input=archive, check=True)
    _git(root, "init", "-q")
    base = _commit(root, "the run")
    params, lock = ((root / name).read_text(encoding="utf-8") for name in ("params.yaml", "dvc.lock"))
    for i in range(number):
        other = params.replace("\nseed: 13\n", f"\nseed: {100 + i}\n")
        (root / "params.yaml").write_text(other, encoding="utf-8")
        (root / "dvc.lock").write_text(lock.replace(_md5(params), _md5(other)), encoding="utf-8")
        _git(root, "update-ref", f"refs/exps/{base[:2]}/{base[2:]}/run-{i:02}", _commit(root, f"run {i}"))
        _git(root, "reset", "-q", "--hard", base)


def _commit(root: Path, message: str) -> str:
    _git(root, "add", "-A")
    _git(root, "-c", "user.name=benchmark", "-c", "user.email=benchmark@localhost", "commit", "-qm", message)
    return _git(root, "rev-parse", "HEAD")


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, encoding="utf-8")
    return done.stdout.strip()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
