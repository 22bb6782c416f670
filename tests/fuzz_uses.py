"""The readers as stages and commands call them."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fuzz_sound import CLASSES, all_sound
from gemquad.errors import UserError
from gemquad.files import checked
from gemquad.generation.backends import connection
from gemquad.generation.backends.server import ServerBackend
from gemquad.params import BackendSettings, ModelSource, load_params
from gemquad.parquet import write_records
from gemquad.schema import Passage, results
from gemquad.serving import rows
from gemquad.settings.compose import compose
from gemquad.sources.entries import HubSource
from gemquad.sources.faults import Faults
from gemquad.sources.format import AnyFormat
from gemquad.sources.hub import Wanted, _declared, _licence, _matching, _metadata, records
from gemquad.sources.mending import mended
from gemquad.student.description import read_description
from gemquad.tasks.columns import Column
from gemquad.tasks.loading import load_saved_task
from gemquad.tasks.requests import GenerationResult, Request
from gemquad.tasks.settings import read_task
from gemquad.yaml_files import read_yaml
from local_server import listening
from test_server import FIELDS, PARAMS, SOURCE, LocalServer, Reply

ROOT = Path(__file__).parents[1]
COLUMNS = {"text": "sentence", "label": "label", "id": "id"}
REVIEWS = {"name": "r", "kind": "text_classification", "labels": CLASSES, "columns": COLUMNS, "metrics": ["accuracy"]}
ALIKE = {
    "name": "a",
    "kind": "pair_similarity",
    "range": [0, 5],
    "columns": {"text": "sentence", "second": "other", "label": "label"},
    "metrics": ["pearson"],
}
QA = {"name": "q", "kind": "extractive_qa"}
PASSAGE_TEXT = "Ana vive en Lima. Eva vive en Quito. 🙂 Luis vive en Cusco."


def check_alike(format: AnyFormat, path: Path, role: str) -> None:
    """What `gemquad check` finds is what `read` refuses, and after mending what it could not mend is left."""
    faults, again = Faults(path), Faults(path)
    sound = format.read(path, "ja", role, faults)
    try:
        refused = format.read(path, "ja", role) != sound
    except UserError:
        refused = True
    assert refused == bool(faults), faults.refused
    target = path.with_name(f"mended{path.suffix}")
    target.write_bytes(mended(path, faults).encode())
    format.read(target, "ja", role, again)
    left = [(fault.kind, fault.place) for fault in faults.refused if not fault.mend]
    assert [(fault.kind, fault.place) for fault in again.refused] == left and not again.mendable


def read_all_of(task: dict[str, Any], role: str, path: Path) -> Any:
    """What the stage `read` takes of a file."""
    format = load_saved_task(task).format
    check_alike(format, path, role)
    found = format.read(path, "ja", role)
    facts = format.facts("dev", found)
    card = {
        "key": role,
        "role": role,
        "language": "ja",
        "path": str(path),
        "records": len(found),
        "hub": format.card(path),
    }
    checked({**card, **facts.card}, str(path), results.CARD)
    write_records(path.with_suffix(".parquet"), Passage if role == "passages" else format.record, found)
    return found


def predicted(columns: Sequence[Column], path: Path) -> list[dict[str, Any]]:
    """Rows of `predict --file`."""
    return rows.checked(rows.read_rows(path), columns)


def streamed(columns: Sequence[Column], path: Path) -> list[dict[str, Any]]:
    """Rows of `predict` on standard input."""
    with path.open("rb") as file:
        return [row for lines in rows.stream_rows(file.fileno()) for row in rows.checked(lines, columns)]


def of_hub(task: dict[str, Any], path: Path) -> Any:
    """What the stage `read` takes of what the stage `fetch` made of a file of the hub."""
    wanted, format = (
        Wanted("mine", "ja", HubSource("a/b", "train", "main", citation=path.name)),
        load_saved_task(task).format,
    )
    try:
        document, tally = format.clean(records([path]), wanted)
    except UserError as error:
        raise UserError(f"{wanted}: {error}") from error  # as `catalogue.fetch` does
    assert tally.kept + sum(tally.dropped.values()) == tally.rows
    if not tally.kept:
        return []
    saved = path.with_name("fetched.json")
    saved.write_text(json.dumps({"card": None, **document}, ensure_ascii=False), encoding="utf-8")
    return format.read(saved, "ja", "dev")


def readme(path: Path) -> Any:
    """The files and the licence that the README of a data set names."""
    wanted = Wanted("mine", "ja", HubSource("a/b", "train", "main"))
    metadata = _metadata(path, wanted)
    return _matching(path.parent, _declared(metadata, wanted), wanted), _licence(metadata)


def description(path: Path) -> Any:
    """The description of a saved student."""
    (path.parent / "config.json").write_text("{}")
    return read_description(path.parent)


def composed(path: Path) -> Any:
    """What params.yaml comes to with a file of conf/task."""
    root = path.parent
    shutil.copytree(ROOT / "conf", root / "conf")
    (root / "src").mkdir()
    shutil.copytree(ROOT / "src/hydra_plugins", root / "src/hydra_plugins")
    shutil.copy(path, root / "conf/task")
    return load_params(compose(root, [f"task={path.stem}"]))


def task_file(path: Path) -> Any:
    """A task as it stands in a file."""
    return read_task(read_yaml(path, "Write it.", "Correct it."), str(path))


TOLD = "¿Dónde vive Ana?\nRespuesta: Lima\n\n"
CHAT = {
    "id": "x",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": TOLD, "reasoning": None}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 12, "completion_tokens": 7},
}
PLAIN = {"choices": [{"text": TOLD, "finish_reason": "length"}], "usage": {"prompt_tokens": 12, "completion_tokens": 7}}


def answered(path: Path) -> Any:
    """What a server's answer comes to; it answers the short first requests as it should."""
    good, content = json.dumps(CHAT).encode(), path.read_bytes()
    server = LocalServer(lambda body, _: Reply(content if "Texto" in json.dumps(body) else good))
    request = Request("Texto", SOURCE, FIELDS)
    backend = ServerBackend(BackendSettings("openai", endpoint="chat"), ModelSource("m"), PARAMS.generation)
    with (
        listening(server) as address,
        patch.object(connection, "_ATTEMPTS", 1),
        patch.dict(os.environ, {"OPENAI_BASE_URL": f"{address}/v1", "GEMQUAD_TIMEOUT": "5"}),
    ):
        return [result for _, results in backend.run([[request]]) for result in results]


def sound_answer(found: list[GenerationResult], _: bytes) -> None:
    """A completion, or one that is rejected with a reason; counts are counts."""
    all_sound(found)
    assert len(found) == 1 and all(
        type(n) is int and 0 <= n < 10**9 for n in (found[0].prompt_tokens, found[0].completion_tokens)
    )
    assert found[0].rejected or set(found[0].texts) <= {field.name for field in FIELDS}
