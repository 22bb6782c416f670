"""The run on a terminal: where it is, the jobs under way, the stages, the scores so far."""

import json
import math
import time
from contextlib import suppress
from itertools import groupby
from pathlib import Path

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text
from tqdm import tqdm

from gemquad.monitor.run import Run, Status

clock = tqdm.format_interval  # 03:07, or with hours 1:02:03


def view(run: Run, folder: Path, width: int) -> RenderableType:
    """One frame for a terminal of `width` columns, with the jobs that tell of themselves in `folder`."""
    now = time.time()
    facts = (run.title, run.experiment, run.position() if run.began else "", clock(now - run.start))
    parts: list[RenderableType] = ["", Text(" · ".join(filter(None, facts)), "bold", overflow="ellipsis"), ""]
    for stage in (stage for stage in run.began if run.status(stage) == Status.RUNNING):
        parts.append(Text(f"▶ {stage}  {clock(now - run.began[stage])}", "bold cyan"))
    for path in sorted(folder.glob("*.json")):
        with suppress(OSError):  # it ends in this moment
            if now - path.stat().st_mtime < 10:  # it was not killed
                parts.append(Text("  " + tqdm.format_meter(**json.loads(path.read_bytes()), ncols=width - 2)))
    return Group(*parts, "", _stages(run), "", Text("\n".join(run.scores), "bold"))


def _stages(run: Run) -> Table:
    """A row for what comes before the rounds, for each round, and for what comes after; rounds in the same state share one."""
    rows: dict[float, dict[str, list[Status]]] = {}
    for stage in run.stages:
        name, _, key = stage.partition("@")
        row = int(key) if key.isdigit() else math.inf if max(rows, default=-1) >= 0 else -1
        rows.setdefault(row, {}).setdefault(name, []).append(run.status(stage))
    table = Table.grid(Column(style="bold", no_wrap=True, min_width=len("rounds 1–9")), "", padding=(0, 1))
    for cells, [*numbers] in groupby(sorted(rows), key=rows.__getitem__):
        label = f"round {numbers[0]}" if len(numbers) == 1 else f"rounds {numbers[0]}–{numbers[-1]}"
        texts = [_cell(name, statuses) for name, statuses in cells.items()]
        table.add_row(label if 0 <= numbers[0] < math.inf else "", Columns(texts, padding=(0, 2)))
    return table


def _cell(name: str, statuses: list[Status]) -> Text:
    mark, style = min(statuses, key=list(Status).index).value
    over = sum(status not in (Status.WAITING, Status.RUNNING) for status in statuses)
    count = f" {over}/{len(statuses)}" if len(statuses) > 1 else ""
    return Text(f"{name}{count} {mark}", style, no_wrap=True)
