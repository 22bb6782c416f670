"""Push the folders of the stage `release` to the hub: a repository for the student, one for the silver.

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
    from huggingface_hub.errors import HfHubHTTPError

_OF_A_RELEASE = ["*.safetensors", "*.parquet"]
"""What a push takes away from the repository where the folder no longer has it."""


@dataclass(frozen=True)
class Upload:
    """A folder and the repository it goes to."""

    folder: Path
    kind: Literal["model", "dataset"]
    name: str

    def files(self) -> list[Path]:
        """The files in the folder.

        Raises:
            UserError: it has no card, so it is not one that the stage made.
        """
        if not (self.folder / "README.md").is_file():
            raise UserError(f"{self.folder} holds no README.md. `dvc repro release` makes it; `dvc pull` fetches it.")
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


def hub() -> "HfApi":
    """A client of the hub that may write.

    Raises:
        UserError: there is no token.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.utils import disable_progress_bars

    token = os.environ.get("HF_TOKEN", "").strip()
    if not token:
        raise UserError(
            "HF_TOKEN is not set. Make a token that may write at https://huggingface.co/settings/tokens, then: export HF_TOKEN=…"
        )
    if not sys.stderr.isatty():
        disable_progress_bars()
    return HfApi(token=token)


def push(upload: Upload, api: "HfApi", private: bool) -> str:
    """Create the repository where there is none, send the folder, and return the repository's address.

    Raises:
        UserError: there is no such folder, the hub refuses or is out of reach, or the repository exists and is public where a
            private one is asked for.
    """
    upload.files()
    with _spoken_errors(upload):
        address = api.create_repo(upload.name, repo_type=upload.kind, private=private or None, exist_ok=True)
        if private and not api.repo_info(upload.name, repo_type=upload.kind).private:
            raise UserError(
                f"{address} exists and is public. Choose another name, or make it private on the hub first."
            )
        api.upload_folder(
            repo_id=upload.name,
            repo_type=upload.kind,
            folder_path=upload.folder,
            delete_patterns=_OF_A_RELEASE,
            commit_message="Release by gemquad",
        )
    return str(address)


@contextmanager
def _spoken_errors(upload: Upload) -> Iterator[None]:
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled

    what = f"{upload.kind} {upload.name}"
    try:
        yield
    except HFValidationError as error:
        raise UserError(f"{what}: {first_line(error)} A repository of the hub is named OWNER/NAME.") from error
    except HfHubHTTPError as error:
        raise UserError(f"{what}: {_refusal(error, upload)}") from error
    except (OfflineModeIsEnabled, httpx2.HTTPError) as error:
        raise UserError(
            f"{what}: the hub cannot be reached ({first_line(error)}). Push from a machine with a network: `dvc push` here and "
            f"`dvc pull` there bring {upload.folder} along."
        ) from error
    except ValueError as error:
        raise UserError(f"{what}: the hub refuses {upload.folder}/README.md: {error}") from error


def _refusal(error: "HfHubHTTPError", upload: Upload) -> str:
    status = error.response.status_code
    if status == 401:
        return "the hub does not know the token in HF_TOKEN (401). It may have expired: make one that may write."
    if status == 403:
        owner = upload.name.split("/")[0]
        return f"the token in HF_TOKEN may not write there (403). It needs write access to repositories of {owner}."
    return f"the hub refuses ({first_line(error)}). Nothing is lost: push again later."
