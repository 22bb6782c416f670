"""Nothing secret is shown: what libraries and servers say is told without the credentials that it may repeat.

Secret are, in the environment, variables named as keys, tokens and passwords, and of every address its user and password, its
query, its fragment and what looks like a token in its path; in any text, the user, query and fragment of the addresses in it.
"""

import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

_ADDRESS = re.compile(r"([\w+.-]+://)?(?:[^/?#\r\n]*@)?([^@?#\r\n]*)(?:[?#][^@]*)?")
_AUTHORITY = re.compile(r"([^:/]*|\[[^\]]*\])(:\d+)?(/.*)?", re.DOTALL)
_IN_TEXT = re.compile(r"([A-Za-z][\w+.-]*://)([^\s\"'<>`]+)")
_IS_ADDRESS = re.compile(r"\s*[A-Za-z][\w+.-]*://")
_FILE = re.compile(r"(sqlite|file)[\w+]*:///")
_TOKEN = re.compile(r"[^/]{40,}|(?=[^/]*\d)(?=[^/]*[A-Za-z])[^/.]{16,}")
"""A part of a path that nobody has thought of as a name."""
_SECRET_NAME = re.compile(
    r"(?!.*_(PATH|FILE|DIR)$).*(?<![A-Z])(API)?(TOKENS?|KEYS?|SECRETS?|PASS|PASSWORDS?|PASSWD|PASSPHRASE|PAT|SAS|HEADERS?)(?![A-Z])",
    re.I,
)
_SHORTEST = 4
"""Shorter ones would take letters out of words; in addresses they are left out all the same."""
_NO_SECRETS = {"none", "null", "empty", "false", "true"}
"""What people set where a server asks for no key: words that messages need."""
_HIDDEN = "[secret]"


def shown_address(url: str) -> str:
    """An address without user, password, query, fragment and tokens; nothing of it where those cannot be told from the rest."""
    parts = _ADDRESS.fullmatch(url) if not _FILE.match(url) else re.fullmatch(r"(\w[\w+]*://)([^?#]*)[\s\S]*", url)
    if not parts or not url:
        return "the address that is set"
    scheme, rest = parts[1] or "", parts[2]
    if _FILE.match(url):
        return f"{scheme}{rest}"
    told = _AUTHORITY.fullmatch(rest)
    if not told or scheme.startswith("databricks"):
        return f"{scheme}…"
    return f"{scheme}{told[1]}{told[2] or ''}{_TOKEN.sub('…', told[3] or '')}"


def without_secrets(text: str) -> str:
    """A text of a library or a server, fit to be shown."""
    for secret, shown in sorted(set(_secrets()), key=lambda one: -len(one[0])):
        text = text.replace(secret, shown)
    return _IN_TEXT.sub(_bare, text)


def _bare(found: re.Match[str]) -> str:
    """An address within a text; what ends the sentence stays."""
    if _FILE.match(found[0]):
        return found[0]
    rest, end = re.fullmatch(r"(.*?)([).,;:\]}]*)", found[2], re.DOTALL).groups()  # type: ignore[union-attr]  # any text matches
    return f"{found[1]}{re.split('[?#]', rest.rpartition('@')[2])[0]}{end}"


def _secrets() -> Iterator[tuple[str, str]]:
    """What the environment holds in secret, in the forms in which it may be repeated, and what is shown in its place."""
    for name, value in os.environ.items():
        if _IS_ADDRESS.match(value):
            yield value, shown_address(value)
            yield value.rstrip("/"), shown_address(value).rstrip("/")
            found = [*_secrets_of(value)]
        elif _SECRET_NAME.match(name):
            found = [value, *re.split(r"[\s,;=]+", value)]
        else:
            continue
        forms = {form for one in found for form in (one.strip(), unquote(one), quote(unquote(one), safe=""))}
        yield from ((form, _HIDDEN) for form in forms if len(form) >= _SHORTEST and form.lower() not in _NO_SECRETS)


def _secrets_of(url: str) -> Iterator[str]:
    """The parts of an address that are not shown, and the pieces into which a library may take them apart."""
    scheme, _, rest = url.partition("://")
    query = re.split("[?#]", rest)[1:]
    values = [value for part in query for _, value in [("", part), *parse_qsl(part)]]
    yield from (piece for value in values for piece in (value, *re.split("[=;,\\s]+", value)))
    if _FILE.match(url):
        return
    user, _, place = rest.rpartition("@")
    name, colon, password = user.partition(":")
    hidden = password if colon else name
    port = re.match(r"[^/?#:]*:([^/?#]*)", place)
    yield from (hidden, *re.split("[/?#@:]", hidden), *([port[1]] if port and not port[1].isdigit() else []))
    yield from (found[0] for found in _TOKEN.finditer(re.split("[?#]", place.partition("/")[2])[0]))
    if scheme.startswith("databricks"):
        yield place


def guard() -> None:
    """From now on show tracebacks and the messages of loggers without secrets."""
    sys.excepthook = _show
    threading.excepthook = lambda failed: _show(failed.exc_type, failed.exc_value, failed.exc_traceback)
    logging.setLogRecordFactory(_record)


def _show(kind: type[BaseException], error: BaseException | None, where: TracebackType | None) -> None:
    sys.stderr.write(without_secrets("".join(traceback.format_exception(kind, error, where))))


def _record(*arguments: Any, **options: Any) -> logging.LogRecord:
    record = logging.LogRecord(*arguments, **options)
    record.msg, record.args = without_secrets(record.getMessage()), None
    if record.exc_info and record.exc_info[0]:
        record.exc_text = without_secrets("".join(traceback.format_exception(*record.exc_info))).rstrip()
    return record
