"""The way to the server that the environment names: the `openai` client, each attempt bounded, and no secret in what is told."""

import asyncio
import os
from collections.abc import Awaitable
from typing import Any, TypeGuard, TypeVar

import httpx2
from openai import APIConnectionError, APIStatusError, AsyncOpenAI

from gemquad.environment import positive_number
from gemquad.errors import UserError

_ATTEMPTS = 10
_NO_KEY = "none"  # the client wants one
_LARGEST_ANSWER = 2**24  # bytes
_REFUSED = {400, 413, 422}
_PASSING = {408, 409, 425, 429}
_EXAMPLE = "For example OPENAI_BASE_URL=http://127.0.0.1:8000/v1 (and OPENAI_API_KEY where it asks for one)."
T = TypeVar("T")


class RefusedError(Exception):
    """The server refuses this one request; `outcome` is that of its completion."""

    outcome = "refused by the server"  # too long, or a setting that it does not know


class FilteredError(RefusedError):
    """The server's filter refuses this one request."""

    outcome = "content filter"


class UnansweredError(Exception):
    """Every attempt at this one request failed in a way that may pass."""


def has_choices(answer: Any) -> TypeGuard[dict[str, Any]]:
    """Whether an answer is a completion, be it an empty one."""
    return isinstance(answer, dict) and isinstance(answer.get("choices"), list)


class Connection:
    """The server at `OPENAI_BASE_URL`, whose query (Azure's `api-version`) goes with every request; redirects are not followed.

    Raises:
        UserError: address or key cannot be used.
    """

    def __init__(self) -> None:
        self._key = os.environ.get("OPENAI_API_KEY", "").strip()
        if not (self._key.isascii() and self._key.isprintable()):
            raise UserError(
                "OPENAI_API_KEY holds characters that no HTTP header can carry. Set it again, without line breaks."
            )
        self._url, self._query = _address()
        self.address = str(self._url.copy_with(userinfo=b""))
        azure = "api-version" in self._query
        self.client = AsyncOpenAI(
            api_key=_NO_KEY if azure else self._key or _NO_KEY,
            base_url=self._url,
            default_query=self._query,
            default_headers={"api-key": self._key} if azure else {},
            max_retries=_ATTEMPTS - 1,
            http_client=_BoundedClient(max(positive_number("GEMQUAD_TIMEOUT", 120), 1)),
        )

    async def complete(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The server's answer, which has a list of `choices`; raises as `answer` does."""
        response = await self.answer(self.client.post(path, body=body, cast_to=httpx2.Response))
        return dict(response.json())

    async def answer(self, call: Awaitable[T]) -> T:
        """What a `call` of the client returns.

        Raises:
            RefusedError, UnansweredError: of this one request.
            UserError: what no request of this run will pass: key, model, address.
        """
        try:
            return await call
        except APIConnectionError as error:
            raise UnansweredError(self.told(f"{type(error.__cause__).__name__} {error.__cause__}")) from error
        except APIStatusError as error:
            raise self.failure(error.status_code, error.response.text) from error

    def failure(self, status: int, content: object) -> Exception:
        """What an answer that is no success means, by its status and content; the kinds are those that `answer` raises."""
        words = f"status {status}: {self.told(str(content))!r}"
        if status in _REFUSED:
            return FilteredError(words) if "content_filter" in str(content) else RefusedError(words)
        if status in _PASSING or status >= 500:
            return UnansweredError(words)
        return self.refusal(f"a request with {words}")

    def refusal(self, what: str) -> UserError:
        """The error that ends the run because the server refuses `what`."""
        return UserError(
            f"server {self.address} refuses {what}. Check OPENAI_BASE_URL, OPENAI_API_KEY, generator.name and backend.constraint. "
            "A setting that it does not know is left out with -S 'backend.omit=[top_k]'; the limit of tokens is renamed with "
            "-S backend.max_tokens_name=max_completion_tokens."
        )

    def silence(self, words: object) -> UserError:
        """The error that ends the run because the server does not answer."""
        return UserError(
            f"server {self.address} gave no completion in up to {_ATTEMPTS} attempts; the last: {words}. What was generated is "
            "kept: run again when it answers, or lower GEMQUAD_CONCURRENCY."
        )

    def told(self, text: str) -> str:
        """The beginning of what a server says, without the secrets it may repeat."""
        given = {value for name, value in self._query.items() if name != "api-version"}
        for secret in sorted({self._key, self._url.password, *given} - {""}, key=len, reverse=True):
            text = text.replace(secret, "[secret]")
        return text.strip()[:300]


def _address() -> tuple[httpx2.URL, dict[str, str]]:
    """Where requests go, without an endpoint pasted with it, and the query to send."""
    try:
        url = httpx2.URL(os.environ.get("OPENAI_BASE_URL", "").strip())
    except httpx2.InvalidURL:  # its message may quote a password
        raise UserError(f"OPENAI_BASE_URL is no URL. {_EXAMPLE}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise UserError(f"backend=openai needs a server: set OPENAI_BASE_URL. {_EXAMPLE}")
    path = url.path.rstrip("/").removesuffix("/completions").removesuffix("/chat")
    return url.copy_with(path=path, query=None, fragment=None), dict(url.params)


class _BoundedClient(httpx2.AsyncClient):
    """Each attempt is bounded in seconds, a completion also in bytes; a broken one counts as no answer, and is asked for again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(timeout=seconds, limits=httpx2.Limits(max_connections=None))
        self._seconds = seconds

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        if request.headers.get("Authorization") == f"Bearer {_NO_KEY}":
            del request.headers["Authorization"]
        try:
            async with asyncio.timeout(self._seconds):
                if not request.url.path.endswith("/completions"):
                    return await super().send(request, **options)
                return await _whole(await super().send(request, **options | {"stream": True}))
        except TimeoutError as error:
            raise httpx2.ReadTimeout(f"no answer within {self._seconds:g} s", request=request) from error


async def _whole(response: httpx2.Response) -> httpx2.Response:
    content = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > _LARGEST_ANSWER:
                raise httpx2.DecodingError(f"an answer of more than {_LARGEST_ANSWER} bytes")
    finally:
        await response.aclose()
    headers = {name: value for name, value in response.headers.items() if name != "content-encoding"}
    whole = httpx2.Response(response.status_code, headers=headers, content=bytes(content), request=response.request)
    if whole.is_success:
        try:
            is_completion = has_choices(whole.json())
        except (ValueError, RecursionError):
            is_completion = False
        if not is_completion:
            raise httpx2.DecodingError(f"an answer without completion: {whole.text[:200]!r}")
    return whole
