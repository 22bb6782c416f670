"""The store is a real SQLite file, real processes are killed while they write to it, and others write to it at once."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gemquad.errors import UserError
from gemquad.generation.backends.protocol import Capabilities
from gemquad.generation.store import CompletionStore, Holding, Spent, request_key, store_path
from gemquad.tasks.requests import Field, GenerationResult, Request, SamplingSettings
from gemquad.text.spans import Span

FIELD = Field("answer", lead="उत्तर:", mode="extract", max_tokens=12, greedy=True, stop_bias=2.0)
REQUEST = Request(
    "Texto: Ana vive en Lima.", "Ana vive en Lima.", (FIELD,), SamplingSettings(0.7, 50, 0.9, 13), continuation=""
)
IDENTITY = {"backend": "transformers", "model": "gemma", "weights": "aa", "dtype": "float32"}
GENERATED = GenerationResult(
    texts={"question": ' ¿Dónde\u2028vive "Ana"? 😀', "answer": "तुंगभद्रा\n"},
    spans={"question": [], "answer": [Span(3, 9), Span(17, 23)]},
    logprob=-0.1234567890123456,
    prompt_tokens=31,
    completion_tokens=7,
    finished=True,
)

KEY_PROGRAM = """
import json, sys
from gemquad.tasks.requests import Request
from gemquad.generation.store import request_key
print(request_key(Request.from_json(sys.argv[1]), json.loads(sys.argv[2])))
"""

ENDLESS_PROGRAM = """
import itertools, sys
from pathlib import Path
from gemquad.tasks.requests import GenerationResult
from gemquad.generation.store import CompletionStore

store = CompletionStore(Path(sys.argv[1]))
print("ready", flush=True)
for batch in itertools.count():
    rows = {f"{sys.argv[2]} {batch} {row}": GenerationResult(texts={"question": "¿" * 500}) for row in range(7)}
    store.add({"model": "m"}, rows, seconds=0.1)
"""

RANGE_PROGRAM = """
import sys
from pathlib import Path
from gemquad.tasks.requests import GenerationResult
from gemquad.generation.store import CompletionStore

store = CompletionStore(Path(sys.argv[1]))
first, last = int(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for at in range(first, last, 7):
    store.add({"model": "m"}, {f"key {at + row}": GenerationResult(texts={"question": f"¿{at + row}?"}) for row in range(7)}, 0.1)
store.close()
"""

OPENING_PROGRAM = """
import sys, time
from pathlib import Path
from gemquad.tasks.requests import GenerationResult
from gemquad.generation.store import CompletionStore

print("ready", flush=True)
began = float(sys.stdin.readline())
for number in range(40):
    time.sleep(max(began + number * 0.03 - time.time(), 0.0))
    store = CompletionStore(Path(sys.argv[1]) / f"{number}.db")
    store.add({"model": "m"}, {sys.argv[2]: GenerationResult()}, 0.1)
    store.close()
"""


@pytest.fixture
def store(tmp_path: Path) -> CompletionStore:
    return CompletionStore(tmp_path / "folder" / "completions.db")


def test_what_was_added_comes_back_as_it_was(store: CompletionStore) -> None:
    store.add({"model": "m"}, {"a": GENERATED, "b": GenerationResult()}, seconds=1.0)
    assert store.get(["b", "a", "c"]) == {"a": GENERATED, "b": GenerationResult()}
    assert store.missing(["c", "a", "d", "c"]) == {"c", "d"}
    assert store.get([]) == {} and store.missing([]) == set()


def test_what_was_added_outlives_its_process(store: CompletionStore) -> None:
    store.add({"model": "m"}, {"a": GENERATED}, seconds=1.0)
    store.close()
    assert CompletionStore(store.path).get(["a"]) == {"a": GENERATED}


@pytest.mark.parametrize(
    "damage",
    [
        "generated = replace(generated, 'Ana', 'Eva')",
        "generated = substr(generated, 1, 40)",
        "generated = '[' || generated",
        "generated = CAST(x'ff' || generated AS TEXT)",
        "generated = CAST(generated AS BLOB) || x'00'",
        "generated = 7",
        "prompt_tokens = 32",
        "prompt_tokens = 'many'",
        "completion_tokens = -7",
        "seconds = seconds + 1e-9",
        "digest = 'none'",
        "digest = x'00'",
    ],
)
def test_a_damaged_row_is_named_once_and_never_returned(
    damage: str, store: CompletionStore, capsys: pytest.CaptureFixture[str]
) -> None:
    store.add({"model": "m"}, {"a": GENERATED, "b": GENERATED, "c": GENERATED}, seconds=3.0)
    with sqlite3.connect(store.path) as database:
        database.execute(f"UPDATE completions SET {damage} WHERE key = 'b'")
    database.close()
    assert store.get(["a", "b", "c"]) == {"a": GENERATED, "c": GENERATED}
    assert store.missing(["a", "b", "c"]) == {"b"} and store.spent(["a", "b", "c"]) == Spent(62, 14, 2.0)
    (line,) = capsys.readouterr().err.splitlines()
    assert f"store of completions {store.path}: 1 damaged, the first with the key b" in line
    store.add({"model": "m"}, {"b": GENERATED}, seconds=1.0)
    assert store.get(["b"]) == {"b": GENERATED}


@pytest.mark.parametrize("ask", [CompletionStore.missing, CompletionStore.spent])
def test_a_damaged_row_counts_nowhere(
    ask: Callable[[CompletionStore, list[str]], object], store: CompletionStore
) -> None:
    store.add({"model": "m"}, {"a": GENERATED}, seconds=3.0)
    with sqlite3.connect(store.path) as database:
        database.execute("UPDATE completions SET prompt_tokens = 'x'")
    database.close()
    assert ask(store, ["a"]) in ({"a"}, Spent())


def test_flipped_bits_of_a_row_never_come_back_as_another_completion(tmp_path: Path) -> None:
    store = CompletionStore(tmp_path / "c.db")
    store.add({"model": "m"}, {"key": GENERATED}, seconds=3.0)
    store.close()
    content = store.path.read_bytes()
    at, draw = content.index(b'{"texts"'), random.Random(5)
    for _ in range(200):
        flipped = bytearray(content)
        flipped[draw.randrange(at - 40, at + 200)] ^= 1 << draw.randrange(8)
        store.path.write_bytes(flipped)
        try:
            damaged = CompletionStore(store.path)
            assert damaged.get(["key"]) in ({}, {"key": GENERATED})
            damaged.close()
        except UserError as error:
            assert "store of completions" in str(error)


def test_a_store_of_before_there_were_digests_is_read_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TABLE completions (key TEXT PRIMARY KEY, model TEXT NOT NULL, backend TEXT NOT NULL, generated TEXT NOT NULL, "
            "prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, seconds REAL NOT NULL, created REAL NOT NULL) "
            "WITHOUT ROWID"
        )
        rows = [
            ("a", GENERATED.to_json()),
            ("b", GenerationResult().to_json()),
            ("c", '{"texts": 5, "spans": {}}'),
            ("d", "[" * 3000),
        ]
        rows += [("e", "{}"), ("f", "null")]
        database.executemany("INSERT INTO completions VALUES (?, 'm', '{}', ?, 31, 7, 1.5, 0.0)", rows)
    database.close()
    store = CompletionStore(path)
    assert store.get(list("abcdef")) == {"a": GENERATED, "b": GenerationResult()}
    assert store.spent(["a"]) == Spent(31, 7, 1.5)
    assert "4 damaged, the first with the key c" in capsys.readouterr().err
    store.add({"model": "m"}, {"c": GENERATED}, seconds=1.0)
    store.close()
    assert CompletionStore(path).get(["a", "c"]) == {"a": GENERATED, "c": GENERATED}


def test_thousands_of_keys_are_looked_up_at_once(store: CompletionStore) -> None:
    keys = [f"key {number}" for number in range(3001)]
    store.add({"model": "m"}, {key: GenerationResult(prompt_tokens=2) for key in keys[:-1]}, seconds=3.0)
    assert len(store.get(keys)) == 3000
    assert store.missing(keys) == {"key 3000"}
    assert store.spent(keys) == Spent(6000, 0, pytest.approx(3.0))


def test_a_key_added_again_keeps_what_it_had(store: CompletionStore) -> None:
    store.add({"model": "m"}, {"a": GenerationResult(texts={"question": "first"}, prompt_tokens=1)}, seconds=1.0)
    store.add(
        {"model": "m"},
        {"a": GenerationResult(texts={"question": "second"}, prompt_tokens=9), "b": GenerationResult()},
        seconds=8.0,
    )
    assert store.get(["a"])["a"].texts == {"question": "first"}
    assert store.spent(["a"]) == Spent(1, 0, 1.0)
    assert store.missing(["a", "b"]) == set()


def test_a_batch_shares_its_seconds_among_its_rows(store: CompletionStore) -> None:
    rows = {key: GenerationResult(prompt_tokens=10, completion_tokens=number) for number, key in enumerate("abcd")}
    store.add({"model": "m"}, rows, seconds=2.0)
    assert store.spent(["a", "d", "missing"]) == Spent(prompt_tokens=20, completion_tokens=3, seconds=1.0)
    assert store.spent([]) == Spent(0, 0, 0.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "Texto: Ana vive en Lima"},
        {"source": "Ana vive en Lima"},
        {"continuation": " Lima\n"},
        {"fields": ()},
        {"fields": (FIELD, FIELD)},
    ],
)
def test_every_attribute_of_a_request_changes_its_key(changes: dict[str, object]) -> None:
    assert request_key(replace(REQUEST, **changes), IDENTITY) != request_key(REQUEST, IDENTITY)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "question"},
        {"lead": "उत्तर: "},
        {"mode": "free"},
        {"mode": "filled"},
        {"max_tokens": 13},
        {"greedy": False},
        {"stop_bias": 2.5},
    ],
)
def test_every_attribute_of_a_field_changes_the_key(changes: dict[str, object]) -> None:
    changed = replace(REQUEST, fields=(replace(FIELD, **changes),))
    assert request_key(changed, IDENTITY) != request_key(REQUEST, IDENTITY)


@pytest.mark.parametrize("changes", [{"temperature": 0.71}, {"top_k": 51}, {"top_p": 0.91}, {"seed": 14}])
def test_every_sampling_setting_changes_the_key(changes: dict[str, object]) -> None:
    changed = replace(REQUEST, settings=replace(REQUEST.settings, **changes))
    assert request_key(changed, IDENTITY) != request_key(REQUEST, IDENTITY)


@pytest.mark.parametrize("name", IDENTITY)
def test_the_identity_of_the_backend_changes_the_key(name: str) -> None:
    assert request_key(REQUEST, {**IDENTITY, name: "other"}) != request_key(REQUEST, IDENTITY)
    without = {key: value for key, value in IDENTITY.items() if key != name}
    assert request_key(REQUEST, without) != request_key(REQUEST, IDENTITY)


def test_a_key_is_the_same_from_version_to_version() -> None:
    """Of another one, everything in the stores of users would be generated again."""
    identity = {"backend": "transformers", "version": 1, "model": "gemma", "weights": "aa", "dtype": "float32"}
    question = Field("question", lead="", mode="free", max_tokens=40)
    answer = Field("answer", lead="Respuesta:", mode="extract", max_tokens=12, greedy=True, stop_bias=2.0)
    settings = SamplingSettings(0.7, 50, 0.9, 13)
    asked = Request("Texto: Ana vive en Lima.\nPregunta:", "Ana vive en Lima.", (question, answer), settings)
    assert request_key(asked, identity) == "b3513d4dde503f53879ad5be703290435344bcba5291d1374a79096dd95f1291"
    judged = Request("Texto:", continuation=" Lima\n")
    assert request_key(judged, identity) == "838b817d914b1737161867c39816a310fad37587944723a9b11e2deae8bbb1b8"


def test_a_key_is_the_same_in_every_process() -> None:
    key = request_key(REQUEST, IDENTITY)
    assert len(key) == 64 and set(key) <= set("0123456789abcdef")
    assert request_key(replace(REQUEST), dict(reversed(IDENTITY.items()))) == key
    command = [sys.executable, "-c", KEY_PROGRAM, REQUEST.to_json(), str(IDENTITY).replace("'", '"')]
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == key


def test_a_killed_process_leaves_whole_batches(tmp_path: Path) -> None:
    path = tmp_path / "completions.db"
    draw = random.Random(0)
    for run in range(8):
        command = [sys.executable, "-c", ENDLESS_PROGRAM, str(path), str(run)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(draw.uniform(0.0, 0.2))
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        process.stdout.close()
        rows = Counter(key.rsplit(" ", 1)[0] for key in keys_in(path))
        assert set(rows.values()) <= {7}
    assert len(rows) > 8


def test_processes_that_write_at_once_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    store = CompletionStore(tmp_path / "completions.db")
    ranges = [(0, 420), (210, 630), (420, 840)]
    run_at_once(RANGE_PROGRAM, [[str(store.path), str(first), str(last)] for first, last in ranges])
    keys = keys_in(store.path)
    assert len(keys) == 840
    assert store.get(keys) == {f"key {n}": GenerationResult(texts={"question": f"¿{n}?"}) for n in range(840)}


def test_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    run_at_once(OPENING_PROGRAM, [[str(tmp_path), name] for name in "abcd"])
    assert [sorted(keys_in(tmp_path / f"{number}.db")) for number in range(40)] == [["a", "b", "c", "d"]] * 40


def test_a_file_that_is_not_sqlite_is_named(tmp_path: Path) -> None:
    path = tmp_path / "completions.db"
    path.write_text("not a database, but long enough to be taken for one at first sight\n" * 40)
    with pytest.raises(
        UserError, match=r"store of completions .*completions\.db: file is not a database.*move it away"
    ):
        CompletionStore(path)


def test_a_damaged_file_is_named(store: CompletionStore) -> None:
    store.add({"model": "m"}, {f"key {number}": GENERATED for number in range(2000)}, seconds=1.0)
    store.close()
    content = store.path.read_bytes()
    store.path.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
    with pytest.raises(UserError, match=r"store of completions .*completions\.db"):
        CompletionStore(store.path).get([f"key {number}" for number in range(2000)])


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="store of completions"):
        CompletionStore(tmp_path)


def test_holdings_say_what_is_kept_of_each_model_and_how_often_it_was_asked(store: CompletionStore) -> None:
    assert store.holdings() == []
    rows = {
        "a": GenerationResult(prompt_tokens=3, completion_tokens=2),
        "b": GenerationResult(prompt_tokens=4, completion_tokens=1),
    }
    store.add({"model": "m"}, rows, 1.5)
    store.add({"model": "n"}, {"c": GenerationResult(prompt_tokens=5, completion_tokens=1)}, 0.25)
    store.note_run("m", requests=2, hits=0)
    store.note_run("m", requests=5, hits=2)
    store.note_run("never generated", requests=1, hits=0)
    assert store.holdings() == [
        Holding("m", completions=2, spent=Spent(7, 3, 1.5), requests=7, hits=2),
        Holding("n", completions=1, spent=Spent(5, 1, 0.25), requests=0, hits=0),
    ]


def test_pruning_by_model_leaves_the_others(store: CompletionStore) -> None:
    store.add({"model": "m"}, {"a": GENERATED, "b": GENERATED}, 1.0)
    store.add({"model": "n"}, {"c": GENERATED}, 1.0)
    assert store.prune("m", older_than_days=0.0) == 2
    assert store.missing(["a", "b", "c"]) == {"a", "b"}
    assert store.prune("m", older_than_days=0.0) == 0


def test_pruning_by_age_leaves_the_younger(store: CompletionStore) -> None:
    store.add({"model": "m"}, {"old": GENERATED}, 1.0)
    store.add({"model": "n"}, {"old too": GENERATED}, 1.0)
    store.add({"model": "m"}, {"young": GENERATED}, 1.0)
    with sqlite3.connect(store.path) as database:
        database.execute("UPDATE completions SET created = created - 10 * 86400 WHERE key LIKE 'old%'")
    database.close()
    assert store.prune("m", older_than_days=11.0) == 0
    assert store.prune("m", older_than_days=9.0) == 1
    assert store.missing(["old", "old too", "young"]) == {"old"}
    assert store.prune(None, older_than_days=9.0) == 1
    assert store.missing(["old", "old too", "young"]) == {"old", "old too"}
    assert store.prune(None, older_than_days=0.0) == 1


def test_pruning_frees_the_space(store: CompletionStore) -> None:
    store.add({"model": "m"}, {f"key {number}": GENERATED for number in range(2000)}, 1.0)
    store.close()
    before = store.path.stat().st_size
    pruned = CompletionStore(store.path)
    assert pruned.prune(None, older_than_days=0.0) == 2000
    pruned.close()
    assert store.path.stat().st_size < before / 10


def test_capabilities_are_remembered_by_backend(store: CompletionStore) -> None:
    capabilities = Capabilities(
        seeds=False, independent=True, constraint=False, likelihoods=True, ignored=("top_k", "seed")
    )
    assert store.capabilities(IDENTITY) is None
    store.note_capabilities(IDENTITY, capabilities)
    assert store.capabilities(dict(reversed(IDENTITY.items()))) == capabilities
    assert store.capabilities({**IDENTITY, "dtype": "bfloat16"}) is None
    store.note_capabilities(IDENTITY, replace(capabilities, seeds=True, ignored=()))
    assert store.capabilities(IDENTITY) == replace(capabilities, seeds=True, ignored=())
    for damaged in ("[", "{}", "7"):
        with sqlite3.connect(store.path) as database:
            database.execute("UPDATE promises SET promises = ?", [damaged])
        database.close()
        assert store.capabilities(IDENTITY) is None


def test_the_store_lies_in_the_main_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEMQUAD_COMPLETIONS", raising=False)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    assert store_path() == tmp_path.resolve() / ".gemquad" / "completions.db"
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "main"))
    assert store_path() == tmp_path.resolve() / "main" / ".gemquad" / "completions.db"


def test_the_environment_chooses_another_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "main"))
    monkeypatch.setenv("GEMQUAD_COMPLETIONS", str(tmp_path / "shared.db"))
    assert store_path() == tmp_path / "shared.db"
    monkeypatch.setenv("GEMQUAD_COMPLETIONS", "kept/shared.db")
    assert store_path() == tmp_path / "main" / "kept" / "shared.db", "not in the workspace of a queued experiment"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GEMQUAD_COMPLETIONS", "~/shared.db")
    assert store_path() == tmp_path / "home" / "shared.db"


def keys_in(path: Path) -> list[str]:
    """Every row's key, read without the code under test."""
    database = sqlite3.connect(path)
    keys = [key for (key,) in database.execute("SELECT key FROM completions")]
    database.close()
    return keys


def run_at_once(program: str, arguments: list[list[str]]) -> None:
    """Run `program` once for each list of arguments; all start their work at the same moment."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, *own],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for own in arguments
    ]
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    began = time.time() + 0.05
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(f"{began}\n")
        process.stdin.flush()
    failures = [errors for process in processes if (errors := process.communicate(timeout=60)[1])]
    assert not failures, failures[0]
