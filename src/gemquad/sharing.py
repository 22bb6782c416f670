"""Push the folders that the stage `report` released to the hub: a repository for the student, one for the silver.

What is large goes where the hub keeps large files, what is there already is not sent again, and equal content makes no commit
(`HfApi.upload_folder`). The token is read from the environment and goes nowhere else.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gemquad.errors import UserError, first_line

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_REFUSALS = {
    401: "the hub does not know the token in HF_TOKEN (401). It may have expired: make one that may write.",
    403: "the token in HF_TOKEN may not write there (403). It needs write access to repositories of {owner}.",
}


@dataclass(frozen=True)
class Upload:
    """A folder and the repository it goes to."""

    folder: Path
    kind: Literal["model", "dataset"]
    name: str

    def files(self) -> list[Path]:
        """The files in the folder; raises `UserError` where it has no card, so is not one that the stage made."""
        if not (self.folder / "README.md").is_file():
            raise UserError(f"{self.folder} holds no README.md. `dvc repro report` makes it; `dvc pull` fetches it.")
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


def hub() -> "HfApi":
    """A client of the hub that may write; raises `UserError` where there is no token."""
    from huggingface_hub import HfApi
    from huggingface_hub.utils import disable_progress_bars

    if not (token := os.environ.get("HF_TOKEN", "").strip()):
        made = "Make a token that may write at https://huggingface.co/settings/tokens, then: export HF_TOKEN=…"
        raise UserError(f"HF_TOKEN is not set. {made}")
    if not sys.stderr.isatty():
        disable_progress_bars()
    return HfApi(token=token)


def push(upload: Upload, api: "HfApi", private: bool) -> str:
    """Create the repository where there is none, send the folder, and return the repository's address.

    Raises `UserError` where the hub refuses or is out of reach, or a public repository exists where a private one is asked for.
    """
    upload.files()
    with _spoken_errors(upload):
        address = api.create_repo(upload.name, repo_type=upload.kind, private=private or None, exist_ok=True)
        if private and not api.repo_info(upload.name, repo_type=upload.kind).private:
            raise UserError(f"{address} exists and is public. Name another, or make it private on the hub first.")
        api.upload_folder(
            repo_id=upload.name,
            repo_type=upload.kind,
            folder_path=upload.folder,
            delete_patterns=["*.safetensors", "*.parquet"],  # those that the folder no longer has
            commit_message="Release by gemquad",
        )
    return str(address)


@contextmanager
def _spoken_errors(upload: Upload) -> Iterator[None]:
    import httpx2
    from huggingface_hub.errors import OfflineModeIsEnabled

    try:
        yield
    except (httpx2.HTTPError, OfflineModeIsEnabled, ValueError) as error:
        raise UserError(f"{upload.kind} {upload.name}: {_reason(error, upload)}") from error


def _reason(error: Exception, upload: Upload) -> str:
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    if isinstance(error, HFValidationError):
        return f"{first_line(error)} A repository of the hub is named OWNER/NAME."
    if isinstance(error, HfHubHTTPError):
        refusal = _REFUSALS.get(error.response.status_code, "the hub refuses ({said}). Nothing is lost: push again.")
        return refusal.format(owner=upload.name.split("/")[0], said=first_line(error))
    if isinstance(error, ValueError):
        return f"the hub refuses {upload.folder}/README.md: {error}"
    remedy = f"Push from a machine with a network: `dvc push` here and `dvc pull` there bring {upload.folder} along."
    return f"the hub cannot be reached ({first_line(error)}). {remedy}"
