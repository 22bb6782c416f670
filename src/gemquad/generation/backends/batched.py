"""A provider's batch interface: requests go as one file, answers come within a day, for about half the price.

What was submitted is paid for: it is noted beside the store of completions, under a name made from the requests, and a run that was
killed asks for the batch that it had submitted.
"""

import asyncio
import hashlib
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from gemquad.errors import UserError, first_line
from gemquad.files import read_json, write_json
from gemquad.generation.backends.answers import rejected
from gemquad.generation.backends.bounded import LARGEST_ANSWER, has_choices
from gemquad.generation.backends.connection import Connection, RefusedError, UnansweredError
from gemquad.generation.backends.server import MANY, ServerBackend
from gemquad.generation.store import request_key, store_path
from gemquad.params import BackendSettings, Generation, ModelSource
from gemquad.tasks.requests import GenerationResult, Request

_ROWS = 10_000  # providers take up to 50,000 in 200 MB
_ROUNDS = 3  # what expired or met an error of the server is submitted again
_PAUSE = 20.0  # seconds between two looks
_OVER = ("completed", "expired", "cancelled", "failed")


class _Counts(BaseModel):
    completed: int
    total: int


class _Error(BaseModel):
    message: str | None = None


class _Errors(BaseModel):
    data: list[_Error] | None = None


class Batch(BaseModel):
    """What is read of a provider's batch; `openai` does not check its answers."""

    id: str
    status: str
    input_file_id: str | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    request_counts: _Counts | None = None
    errors: _Errors | None = None


class BatchedBackend(ServerBackend):
    """The requests of `ServerBackend`, and so its completions, through the endpoints `files` and `batches`."""

    def __init__(self, settings: BackendSettings, source: ModelSource, generation: Generation) -> None:
        super().__init__(settings, source, generation)
        self._notes: dict[Request, list[Path]] = {}  # of each batch under way, by its first request

    def batches(self, requests: Sequence[Request]) -> list[list[int]]:
        """As many as go into one of the provider's batches, in their order."""
        return [list(range(at, min(at + _ROWS, len(requests)))) for at in range(0, len(requests), _ROWS)]

    def run(self, batches: Iterable[list[Request]]) -> Iterator[tuple[list[Request], list[GenerationResult]]]:
        """Submit all batches, and yield each when it is over; it stays noted until its completions are stored."""
        for batch, results in super().run(batches):
            yield batch, results
            for note in self._notes.pop(batch[0]):
                note.unlink(missing_ok=True)

    async def _complete(self, connection: Connection, batch: list[Request]) -> list[GenerationResult]:
        rows = {request_key(request, self.identity): request for request in batch}
        results: dict[str, GenerationResult] = {}
        notes = self._notes.setdefault(batch[0], [])
        try:
            while len(results) < len(rows) and len(notes) < _ROUNDS:
                missing = {key: request for key, request in rows.items() if key not in results}
                results |= await self._round(connection, missing, notes)
        except RefusedError as error:
            raise connection.refusal(f"a batch with {error}") from error
        except UnansweredError as error:
            raise connection.silence(error) from error
        lost = rejected("server error", f"no answer in {_ROUNDS} batches")
        return [results.get(key, lost) for key in rows]

    async def _round(
        self, connection: Connection, rows: Mapping[str, Request], notes: list[Path]
    ) -> dict[str, GenerationResult]:
        """What one batch answers to `rows`; what was refused is among it, what expired or failed is not."""
        url = f"/v1{self._path}"
        asked = [{"custom_id": key, "method": "POST", "url": url, "body": self.body(row)} for key, row in rows.items()]
        lines = "".join(f"{json.dumps(one)}\n" for one in asked).encode()
        name = hashlib.sha256(f"{connection.address} {len(notes)}\n".encode() + lines).hexdigest()[:32]
        notes.append(note := store_path().parent / "batches" / f"{name}.json")
        try:
            batch = await _finished(connection, await _submitted(connection, note, lines, url))
            answers = await _lines(connection, batch)
        except (UserError, UnansweredError) as error:
            reason = connection.silence(error) if isinstance(error, UnansweredError) else error
            raise UserError(f"{reason} Delete {note}, if it exists, to submit (and pay for) a batch anew.") from error
        read = {key: self._result(connection, answers[key], row) for key, row in rows.items() if key in answers}
        results = {key: result for key, result in read.items() if result}
        refused = [result for result in results.values() if result.rejected == RefusedError.outcome]
        if batch.status == "failed" or not (results or notes[1:]) or len(refused) == len(rows) >= MANY:
            note.unlink()
            errors = [error.message for error in (batch.errors and batch.errors.data) or []]
            words = str([*map(_said, answers.values()), *errors][-1:])
            raise connection.refusal(
                f"batch {batch.id} ({batch.status}, without a completion): {connection.told(words)}"
            )
        return results

    def _result(self, connection: Connection, answer: dict[str, Any], request: Request) -> GenerationResult | None:
        """The completion in an entry of a batch's files; None if the row is to be asked again."""
        status, said = _said(answer)
        if status == 200:
            return self.read(said, request) if has_choices(said) else None
        error = connection.failure(status, said)
        return rejected(error.outcome, error) if isinstance(error, RefusedError) else None


def _said(answer: dict[str, Any]) -> tuple[int, Any]:
    """Status and body of an entry, or what kept it from being asked."""
    response = answer.get("response")
    known = response if isinstance(response, dict) else {}
    status = known.get("status_code")
    return status if type(status) is int else 500, known.get("body") or answer.get("error")


def _checked(batch: Any) -> Batch:
    try:
        return Batch.model_validate(batch, from_attributes=True)
    except ValidationError as error:
        raise UnansweredError(f"an answer that is no batch ({first_line(error)})") from error


async def _submitted(connection: Connection, note: Path, lines: bytes, url: Any) -> Batch:
    """The batch that `note` names, or a new one. A run killed between submitting and noting finds it by its file."""
    client, noted = connection.client, read_json(note) if note.exists() else {}
    batch: Any = None
    if "batch" in noted:
        return _checked(await connection.answer(client.batches.retrieve(noted["batch"])))
    if noted:
        newest = await connection.answer(client.batches.list(limit=100))
        batch = next((one for one in newest.data if getattr(one, "input_file_id", None) == noted["file"]), None)
    else:
        file = await connection.answer(client.files.create(file=("gemquad.jsonl", lines), purpose="batch"))
        write_json(note, noted := {"file": file.id})
    if not batch:
        batches = client.with_options(max_retries=0).batches  # a second attempt might be a second batch
        create = batches.create(input_file_id=noted["file"], endpoint=url, completion_window="24h")
        batch = await connection.answer(create)
    batch = _checked(batch)
    write_json(note, noted | {"batch": batch.id})
    return batch


async def _finished(connection: Connection, batch: Batch) -> Batch:
    """The batch once it is over; its state is told whenever that changes."""
    told = ""
    while True:
        counts = batch.request_counts
        state = f"{batch.status}, {counts.completed} of {counts.total} answered" if counts else batch.status
        if state != told:
            print(f"batch {batch.id}: {state}", file=sys.stderr, flush=True)
        if batch.status in _OVER:
            return batch
        told = state
        await asyncio.sleep(_PAUSE)
        batch = _checked(await connection.answer(connection.client.batches.retrieve(batch.id)))


async def _lines(connection: Connection, batch: Batch) -> dict[str, dict[str, Any]]:
    """The entries of a batch's files by `custom_id`; what is broken or too large is left out."""
    entries = {}
    for file in filter(None, (batch.error_file_id, batch.output_file_id)):
        content = await connection.answer(connection.client.files.content(file))
        for line in io.BytesIO(content.content):
            if len(line) > LARGEST_ANSWER:
                continue
            with suppress(ValueError, RecursionError, TypeError, KeyError):
                entry = json.loads(line)
                entries[entry["custom_id"]] = entry
    return entries
