"""The way to the server that the environment names: the `openai` client, each attempt bounded, and no secret in what is told."""

import os
import re
from collections.abc import Awaitable
from typing import Any, TypeVar

import httpx2
from openai import APIConnectionError, APIStatusError, AsyncOpenAI

from gemquad.environment import positive_number
from gemquad.errors import UserError
from gemquad.generation.backends.bounded import NO_KEY, BoundedClient

_ATTEMPTS = 10
_REFUSED = {400, 413, 422}
_PASSING = {408, 409, 425, 429}
_OF_ALL = {401, 402, 404, 407}  # key, money, model, proxy
_FILTER = re.compile("content_filter|flagged|moderation|content policy", re.IGNORECASE)
_ENDPOINT = re.compile(
    r"(/(chat/)?completions|/chat|/responses|/embeddings|/files|/batches|((?<=/v1)|(?<=/openai))/models)?/*\Z"
)
_HOST = re.compile(r"(?=.{1,254}$)([\w-]{1,63}\.)*[\w-]{1,63}\.?|[0-9a-f:.]*:[0-9a-f:.]*(%.+)?", re.ASCII)
_EXAMPLE = "For example OPENAI_BASE_URL=http://127.0.0.1:8000/v1 (and OPENAI_API_KEY where it asks for one)."
T = TypeVar("T")


class RefusedError(Exception):
    """The server refuses this one request; `outcome` is that of its completion."""

    outcome = "refused by the server"  # too long, or a setting that it does not know


class FilteredError(RefusedError):
    """The server's filter refuses this one request."""

    outcome = "content filter"


class ForbiddenError(RefusedError):
    """The server refuses this one request, or from now on every one: only another request can tell."""

    def __init__(self, words: str, outcome: str) -> None:
        super().__init__(words)
        self.outcome = outcome


class UnansweredError(Exception):
    """Every attempt at this one request failed in a way that may pass."""


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
            api_key=NO_KEY if azure else self._key or NO_KEY,
            base_url=self._url,
            default_headers={"api-key": self._key} if azure else {},
            max_retries=_ATTEMPTS - 1,
            http_client=BoundedClient(max(positive_number("GEMQUAD_TIMEOUT", 120), 1), self._query),
        )

    async def complete(self, path: str, body: dict[str, Any], what: str = "a request") -> dict[str, Any]:
        """The server's answer, which has a list of `choices`; raises as `answer` does."""
        response = await self.answer(self.client.post(path, body=body, cast_to=httpx2.Response), what)
        return dict(response.json())

    async def answer(self, call: Awaitable[T], what: str = "a request") -> T:
        """What a `call` of the client returns.

        Raises:
            RefusedError, UnansweredError: of this one request.
            UserError: what no request of this run will pass: key, model, address; it names `what` was asked.
        """
        try:
            return await call
        except APIConnectionError as error:
            raise UnansweredError(self.told(f"{type(error.__cause__).__name__} {error.__cause__}")) from error
        except APIStatusError as error:
            raise self.failure(error.status_code, error.response.text, what) from error

    def failure(self, status: int, content: object, what: str = "a request") -> Exception:
        """What an answer that is no success means, by its status and content; the kinds are those that `answer` raises."""
        words = f"status {status}: {self.told(str(content))!r}"
        if status in _PASSING or status >= 500:
            return UnansweredError(words)
        if status in _OF_ALL or status < 400:
            return self.refusal(f"{what} with {words}")
        kind = FilteredError if _FILTER.search(str(content)) else RefusedError
        return kind(words) if status in _REFUSED else ForbiddenError(words, kind.outcome)

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
        given = {value for name, value in self._query.multi_items() if name != "api-version"}
        for secret in sorted({self._key, self._url.password, *given} - {""}, key=len, reverse=True):
            text = text.replace(secret, "[secret]")
        return text.strip()[:300]


def _address() -> tuple[httpx2.URL, httpx2.QueryParams]:
    """Where requests go, without an endpoint pasted with it, and the query to send."""
    try:
        url = httpx2.URL(os.environ.get("OPENAI_BASE_URL", "").strip())
    except httpx2.InvalidURL:  # its message may quote a password
        raise UserError(f"OPENAI_BASE_URL is no URL. {_EXAMPLE}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise UserError(f"backend=openai needs a server: set OPENAI_BASE_URL. {_EXAMPLE}")
    if not (_HOST.fullmatch(url.raw_host.decode()) and 1 <= (1 if url.port is None else url.port) <= 65535):
        raise UserError(f"OPENAI_BASE_URL has no host and port (1 to 65535) that can be asked. {_EXAMPLE}")
    path = _ENDPOINT.sub("", url.path, count=1)
    return url.copy_with(path=path, query=None, fragment=None), url.params
