"""Requests that end: each attempt is bounded in seconds and bytes, and an answer of another shape than asked for is broken."""

import asyncio
import json
from typing import Any, TypeGuard

import httpx2

NO_KEY = "none"  # the client wants one
LARGEST_ANSWER = 2**24  # bytes
LARGEST_FILE = 2**28  # of a batch of 10,000


def has_choices(answer: Any) -> TypeGuard[dict[str, Any]]:
    """Whether an answer is a completion, be it an empty one."""
    return isinstance(answer, dict) and isinstance(answer.get("choices"), list)


class BoundedClient(httpx2.AsyncClient):
    """A client that gives up after `seconds`, and sends `query` with every request; what it gives up on may be asked again."""

    def __init__(self, seconds: float, query: httpx2.QueryParams) -> None:
        super().__init__(timeout=seconds, limits=httpx2.Limits(max_connections=None), params=query)
        self._seconds = seconds

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """The whole answer; every success but that to a file's content is JSON of the shape that was asked for."""
        if request.headers.get("Authorization") == f"Bearer {NO_KEY}":
            del request.headers["Authorization"]
        try:
            async with asyncio.timeout(self._seconds):
                return await _whole(await super().send(request, **options | {"stream": True}))
        except TimeoutError as error:
            raise httpx2.ReadTimeout(f"no answer within {self._seconds:g} s", request=request) from error


async def _whole(response: httpx2.Response) -> httpx2.Response:
    is_file = response.request.url.path.endswith("/content")
    largest, content = LARGEST_FILE if is_file else LARGEST_ANSWER, bytearray()
    try:
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > largest:
                raise httpx2.DecodingError(f"an answer of more than {largest} bytes")
    finally:
        await response.aclose()
    headers = {name: value for name, value in response.headers.items() if name != "content-encoding"}
    if response.is_success and not is_file:
        if not _is_sound(response.request, content):
            raise httpx2.DecodingError(f"an answer without {_wanted(response.request)}: {bytes(content[:200])!r}")
        headers["content-type"] = "application/json"
    return httpx2.Response(response.status_code, headers=headers, content=bytes(content), request=response.request)


def _wanted(request: httpx2.Request) -> str:
    if request.url.path.endswith("/completions"):
        return "completion"
    return "batches" if request.method == "GET" and request.url.path.endswith("/batches") else "id"


def _is_sound(request: httpx2.Request, content: bytes | bytearray) -> bool:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return False
    wanted = _wanted(request)
    if wanted == "completion":
        return has_choices(answer)
    kind, name = (list, "data") if wanted == "batches" else (str, "id")
    return isinstance(answer, dict) and isinstance(answer.get(name), kind)
