"""What Git says of a checkout."""

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from gemquad.errors import UserError


def git(*arguments: str, folder: Path | None = None) -> str | None:
    """Standard output of a Git command in `folder` (default: the current one); None where it fails.

    Raises:
        UserError: Git is not installed.
    """
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=False)
    except FileNotFoundError as error:
        raise UserError("Git is not installed, and revisions and experiments are kept by it. Install it.") from error
    return None if done.returncode else done.stdout


def read_objects(names: Sequence[str]) -> Iterator[str | None]:
    """The texts that Git keeps under `names` such as "HEAD:./params.yaml", by one process; None for what it does not have."""
    asked = "".join(f"{name}\n" for name in names).encode()
    done = subprocess.run(["git", "cat-file", "--batch"], input=asked, capture_output=True, check=True)
    rest = done.stdout
    for _ in names:
        header, _, rest = rest.partition(b"\n")
        if not (size := header.split()[-1]).isdigit():  # "… missing"
            yield None
            continue
        yield rest[: int(size)].decode("utf-8", errors="replace")
        rest = rest[int(size) + 1 :]
