"""Give readers odd inputs and say what became of them: `python tests/fuzz_run.py --inputs 20000` (see `make fuzz`).

A reader returns sound records or raises a `UserError` that names the file, in at most ten seconds; nothing else.
"""

import argparse
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from math import ceil
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, Literal, NamedTuple
from zlib import crc32

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings

from fuzz_readers import Reader, readers
from fuzz_sound import UNSOUND
from gemquad.errors import UserError
from gemquad.text.characters import on_one_line

Kind = Literal["accepted", "refused", "unclear", "traceback", "hang", "silent"]
KINDS: dict[Kind, str] = {
    "accepted": "accepted",
    "refused": "refused",
    "traceback": "tracebacks",
    "hang": "hangs",
    "silent": "silent acceptances",
    "unclear": "unclear messages",
}
LONGEST_MESSAGE = 2000
LONGEST_TIME = 10.0


class Outcome(NamedTuple):
    """What became of an input, and what is wrong with that."""

    kind: Kind
    words: str = ""


class HangError(BaseException):
    """No `except Exception` of a reader takes it."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer."""

    def interrupt(*_: Any) -> None:
        raise HangError

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def outcome(reader: Reader, content: bytes, folder: Path) -> Outcome:
    """What the reader makes of a file with this content."""
    path = Path(mkdtemp(dir=folder)) / reader.file
    path.write_bytes(content)
    try:
        with limited(LONGEST_TIME), redirect_stderr(StringIO()):
            found = reader.read(path)
        reader.sound(found, content)
    except UserError as error:
        message = on_one_line(str(error))
        if len(message) > LONGEST_MESSAGE or UNSOUND.search(message) or "\n" in message:
            return Outcome("unclear", f"of {len(message)} characters: {message[:200]!r}")
        names = any(name in message for name in (reader.file, *reader.named))
        return Outcome("refused") if names else Outcome("unclear", f"names no file: {message[:300]}")
    except AssertionError as error:
        return Outcome("silent", str(error) or traceback.format_exc(limit=-1))
    except HangError:
        return Outcome("hang", traceback.format_exc(limit=-4))
    except Exception:
        return Outcome("traceback", traceback.format_exc(limit=-4))
    return Outcome("accepted")


def drive(reader: Reader, count: int, seed: int, tell: Callable[[bytes, Outcome], None]) -> None:
    """Make so many inputs, the same for the same seed."""
    with TemporaryDirectory() as folder:

        @hypothesis.seed(seed + crc32(reader.file.encode()))
        @settings(
            max_examples=ceil(count * reader.share),
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(reader.inputs)
        def give(content: bytes) -> None:
            tell(content, outcome(reader, content, Path(folder)))

        give()


def main(inputs: int, seed: int, kept: Path, only: str) -> bool:
    """Print the table, and each failure with the file that it came from; whether there was none."""
    chosen = {name: reader for name, reader in readers().items() if only in name}
    print(f"seed {seed}\n{'reader':24}{'inputs':>8}" + "".join(f"{words:>20}" for words in KINDS.values()), flush=True)
    total, failures = Counter[str](), Counter[str]()
    for name, reader in chosen.items():
        counts = Counter[str]()

        def tell(
            content: bytes, became: Outcome, name: str = name, reader: Reader = reader, counts: Counter[str] = counts
        ) -> None:
            counts[became.kind] += 1
            if became.kind in ("accepted", "refused"):
                return
            last = became.words.strip().split("\n")[-1]
            if not failures[f"{name}: {became.kind}: {last[:60]}"]:
                file = kept / f"{len(failures)}-{reader.file}"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
                print(f"{file}: {became.kind} of {name}\n{became.words}", file=sys.stderr)
            failures[f"{name}: {became.kind}: {last[:60]}"] += 1

        drive(reader, ceil(inputs / sum(one.share for one in chosen.values())), seed, tell)
        print(f"{name:24}{counts.total():8}" + "".join(f"{counts[kind]:20}" for kind in KINDS), flush=True)
        total += counts
    print(f"{'all':24}{total.total():8}" + "".join(f"{total[kind]:20}" for kind in KINDS))
    return not failures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**9))
    parser.add_argument("--kept", type=Path, default=Path(".gemquad/fuzz"), help="where inputs that fail are written")
    parser.add_argument("--only", default="", help="readers whose name holds this")
    given_ = parser.parse_args()
    sys.exit(not main(given_.inputs, given_.seed, given_.kept, given_.only))
