"""Kill stages and whole runs at random moments, give the same command again, and count what went wrong.

As a program, in a checkout that has been run: `kills.py KILLS SEED WHAT…`, with `generate`, `finetune` or, for the whole run, the
folder of the same checkout before its run. Prints one JSON object each: what was killed, how often, and how many times a completion
or file was lost, a completion or a run in MLflow was there twice, a file came out with other bytes, or the same command did not go
on by itself.
"""

import json
import os
import random
import runpy
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import psutil
import yaml

STAGES = {"generate": ["data/completions.parquet", "data/synthetic.parquet", "metrics/generation.json"]}
STAGES["finetune"] = ["models/students/round-1", "data/rounds/1/curve.json"]
OWN = {"generate": [], "finetune": ["--round", "1"]}
UNLIKE_TWICE = ("track@", "register", "report")  # they hold the identities of runs in MLflow, or times
WATCH = [sys.executable, "-m", "gemquad.cli", "watch"]


@dataclass
class Count:
    """What is counted of one kind of kill."""

    what: str
    kills: int = 0
    lost: int = 0
    doubled: int = 0
    differing: int = 0
    by_hand: int = 0
    finished: int = 0
    seconds: float = 0.0


def content(paths: list[str]) -> dict[str, str]:
    """The hash of every file at or under `paths`."""
    files = [file for path in map(Path, paths) for file in ([path] if path.is_file() else sorted(path.rglob("*")))]
    return {str(file): sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}


def completions() -> Counter[str]:
    """The keys in the store."""
    path = Path(".gemquad/completions.db")
    if not path.exists():
        return Counter()
    with (
        suppress(sqlite3.OperationalError),
        closing(sqlite3.connect(path)) as store,
    ):  # killed before its table was made
        return Counter(key for (key,) in store.execute("SELECT key FROM completions"))
    return Counter()


def compare(count: Count, before: dict[str, str], kept: set[str], all_kept: int) -> None:
    """Count, after a run that followed kills, what is not as it was after the one without, and which completions are not."""
    after, now = content([*before]), completions()
    count.finished += 1
    count.lost += len(kept - now.keys()) + len(before.keys() - after.keys())
    count.doubled += max(now.total() - all_kept, 0)
    count.differing += sum(after.get(name, digest) != digest for name, digest in before.items())


def forked(stage: str) -> int:
    """The stage, as DVC starts it, in a fork of this program, which has imported torch but computed nothing with it yet."""
    child = os.fork()
    if child:
        return child
    os.setpgrp()
    os.dup2(os.open("stage.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 1)
    os.dup2(1, 2)
    sys.argv = ["-m", *OWN[stage]]
    status = 1
    try:
        runpy.run_module(f"gemquad.stages.{stage}", run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as ended:
        status = int(bool(ended.code))
    finally:
        sys.stdout.flush()
        os._exit(status)


def kill_stage(stage: str, kills: int, draw: random.Random) -> Count:
    """Kill the stage again and again, from nothing each time it has come to its end."""
    outputs, count, began = STAGES[stage], Count(stage), time.monotonic()

    def from_nothing() -> None:
        shutil.rmtree(".gemquad", ignore_errors=True)
        for path in outputs:
            shutil.rmtree(path, ignore_errors=True)
            Path(path).unlink(missing_ok=True)

    from_nothing()
    start = time.monotonic()
    assert os.waitpid(forked(stage), 0)[1] == 0, Path("stage.log").read_text()
    lasts, expected, all_kept = time.monotonic() - start, content(outputs), completions().total()
    while count.kills < kills:
        from_nothing()
        kept: set[str] = set()
        for _ in range(draw.randint(1, 3)):
            child = forked(stage)
            time.sleep(draw.uniform(0, lasts))
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            count.kills += 1
            count.lost += len(kept - completions().keys())
            kept |= completions().keys()
        count.by_hand += os.waitpid(forked(stage), 0)[1] != 0
        compare(count, expected, kept, all_kept)
    count.seconds = time.monotonic() - began
    return count


def written() -> list[str]:
    """What the stages wrote, by dvc.lock."""
    stages = yaml.safe_load(Path("dvc.lock").read_text())["stages"]
    return [out["path"] for name, one in stages.items() if not name.startswith(UNLIKE_TWICE) for out in one["outs"]]


def tracked() -> Counter[str]:
    """How many runs MLflow has of each round."""
    with closing(sqlite3.connect("mlflow.db")) as store:
        query = "SELECT t.value FROM tags t JOIN runs r USING (run_uuid) WHERE t.key = 'gemquad.round' "
        query += "AND r.lifecycle_stage = 'active'"
        return Counter(value for (value,) in store.execute(query))


def kill_run(pristine: Path, kills: int, draw: random.Random) -> Count:
    """Kill whole runs while they go on, until each has come to its end: all their processes, or DVC alone."""
    count, began = Count("watch"), time.monotonic()
    expected, all_kept, runs = content(written()), completions().total(), tracked()
    while count.kills < kills:
        os.chdir(pristine.parent)
        shutil.rmtree("killed", ignore_errors=True)
        shutil.copytree(pristine, "killed", symlinks=True)
        os.chdir("killed")
        kept: set[str] = set()
        is_over = False
        while not is_over:
            with open("watch.log", "w") as log:
                child = subprocess.Popen(WATCH, stdout=log, stderr=log)
            with suppress(subprocess.TimeoutExpired):
                child.wait(draw.uniform(0, 20) if count.kills < kills else None)
            if child.returncode is None:
                kill(child.pid, draw.choice([everything, dvc_alone]))
                child.wait()
                count.kills += 1
            elif child.returncode:
                count.by_hand += 1
                print(Path("watch.log").read_text()[-3000:], file=sys.stderr)
                break
            is_over = child.returncode == 0
            count.lost += len(kept - completions().keys())
            kept |= completions().keys()
        compare(count, expected, kept, all_kept)
        count.doubled += (tracked() - runs).total()
    count.seconds = time.monotonic() - began
    return count


def kill(process: int, choose: Callable[[list[psutil.Process]], list[psutil.Process]]) -> None:
    """SIGKILL, as the kernel sends it for want of memory; returns when all processes of the run are gone."""
    own = psutil.Process(process)
    processes = [own, *own.children(recursive=True)]
    for one in choose(processes):
        with suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(processes[1:], timeout=120)


def everything(processes: list[psutil.Process]) -> list[psutil.Process]:
    return processes


def dvc_alone(processes: list[psutil.Process]) -> list[psutil.Process]:
    """The stage has to end by itself, and so has the view."""
    return processes[1:2] or processes


def main() -> None:
    """As many kills of each."""
    import gemquad.stages.finetune
    import gemquad.stages.generate  # noqa: F401, before the forks

    kills, seed = map(int, sys.argv[1:3])
    draw = random.Random(seed)
    os.environ["GEMQUAD_CHECKPOINT_SECONDS"] = "0"
    for what in sys.argv[3:]:
        count = kill_stage(what, kills, draw) if what in STAGES else kill_run(Path(what).resolve(), kills, draw)
        print(json.dumps(asdict(count)), flush=True)


if __name__ == "__main__":
    main()
