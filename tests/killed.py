"""Trainings that are killed, each in a fork of this program, which has imported torch but computed nothing with it yet.

As a program: `killed.py MODEL FOLDER MOMENT…`, with MODEL a small checkpoint with a reader's tokenizer. A training of silver and
gold is begun anew after every kill, to its end. A moment is a number of seconds of training; or `3.`, after the third step of this
try; or `3!`, while the first checkpoint from its third step on is being written. Prints the steps of every try, [phase, step] each.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

import gemquad.student.trainer as trainer
from gemquad.files import write_json
from gemquad.params import ModelSource, Student, load_params
from gemquad.student.training import Phase, fine_tune
from gemquad.tasks.extractive_qa.head import SpanHead
from gemquad.tasks.head import Input
from gemquad.tasks.settings import ExtractiveQA
from gemquad.text.spans import Span

NAMES = ["Lima", "Cusco", "Quito", "Bogotá"]
DEFAULT: Student = load_params(Path(__file__).parents[1] / "params.yaml").student


def asked(number: int) -> Input:
    """A question of its own length whose answer is a name."""
    passage = f"{'Hoy llueve. ' * (number % 5)}Ana vive en {NAMES[number % 4]} con Luis."
    start = passage.index(NAMES[number % 4])
    return Input(passage, "¿Dónde vive Ana?", Span(start, start + len(NAMES[number % 4])))


def train(model: str, student: Path) -> None:
    """Twelve steps of silver in two epochs, with one row in the last batch of each, then eighteen of gold in three."""
    settings = replace(
        DEFAULT,
        model=ModelSource(model),
        dtype="float32",
        layers=None,
        trainable_layers=1,
        learning_rate=5e-3,
        batch_size=8,
    )
    phases = [
        Phase("silver", [asked(number) for number in range(41)], 2),
        Phase("gold", [asked(number) for number in range(3, 51)], 3),
    ]
    curve = fine_tune(phases, SpanHead(ExtractiveQA("questions", "extractive_qa")), settings, 1, student)
    write_json(student / "curve.json", curve)


def one_try(model: str, student: Path, steps: Path, arm: Callable[[], None]) -> None:
    """Train in a fork; `arm` is called in it before, to end it early."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    pace = trainer._Pace.on_step_end

    def noted(self: Any, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        pace(self, args, state, control, **kwargs)
        with steps.open("a") as file:
            print(json.dumps([Path(args.output_dir).name, state.global_step]), file=file)

    trainer._Pace.on_step_end = noted
    arm()
    try:
        train(model, student)
    finally:
        os._exit(0)


def armed(moment: str, steps: Path) -> Callable[[], None]:
    """What makes a fork kill itself at `moment`, counted from its own start."""

    def kill() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def taken() -> int:
        return len(steps.read_text().splitlines()) if steps.exists() else 0

    def after_step() -> None:
        log = trainer.Curve.on_log

        def dying(self: Any, *args: Any, **kwargs: Any) -> None:
            log(self, *args, **kwargs)
            if taken() >= float(moment[:-1]):
                kill()

        trainer.Curve.on_log = dying

    def while_saving() -> None:
        save = torch.save

        def dying(state: Any, file: Any, *args: Any, **kwargs: Any) -> None:
            save(state, file, *args, **kwargs)
            if taken() >= float(moment[:-1]) and str(file).endswith("optimizer.pt"):
                Path(file).write_bytes(Path(file).read_bytes()[:100])
                kill()

        torch.save = dying

    def after_seconds() -> None:
        begin = trainer.Curve.on_train_begin

        def beginning(self: Any, *args: Any, **kwargs: Any) -> None:
            begin(self, *args, **kwargs)
            threading.Timer(float(moment), kill).start()

        trainer.Curve.on_train_begin = beginning

    return {".": after_step, "!": while_saving}.get(moment[-1], after_seconds)


def main() -> None:
    """Kill at every moment in turn, then let the training end."""
    model, folder, *moments = sys.argv[1:]
    os.environ["GEMQUAD_CHECKPOINT_SECONDS"] = "0"
    os.chdir(folder)
    tries = []
    for moment in [*moments, None]:
        steps = Path("steps.jsonl")
        steps.unlink(missing_ok=True)
        one_try(model, Path("student"), steps, armed(moment, steps) if moment else lambda: None)
        tries.append([json.loads(line) for line in steps.read_text().splitlines()] if steps.exists() else [])
    print(json.dumps(tries))


if __name__ == "__main__":
    main()
