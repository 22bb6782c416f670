"""The files of a run in DVC's cache."""

from pathlib import Path

from gemquad.diff.run import FinishedRun
from gemquad.errors import UserError, first_line
from gemquad.parquet import Record, read_records


class Cache:
    """DVC's cache of this checkout, wherever its configuration puts it.

    Raises:
        UserError: DVC is not set up here.
    """

    def __init__(self) -> None:
        from dvc.exceptions import DvcException
        from dvc.repo import Repo

        try:
            self._files = Repo().cache.local
        except DvcException as error:
            raise UserError(f"{first_line(error)} Call `gemquad diff` in the root of a checkout.") from error

    def find(self, run: FinishedRun, path: str) -> Path | None:
        """Where the cache has the file that the run recorded as `path`; None where it has not."""
        md5 = run.recorded.get(path)
        file = Path(self._files.oid_to_path(md5)) if md5 else None
        return file if file and file.exists() else None

    def records(self, run: FinishedRun, path: str, record_type: type[Record]) -> list[Record]:
        """The records of a file that the run recorded.

        Raises:
            UserError: the file is not in the cache, or another version of this project wrote it.
        """
        file = self.find(run, path)
        if file is None:
            raise UserError(
                f"{path} of {run.name} is not in DVC's cache. Where a remote has it, `{run.fetch}` brings it."
            )
        try:
            return read_records(file, record_type)
        except UserError as error:
            raise UserError(f"{path} of {run.name} was written by another version, and cannot be compared.") from error

    def count(self, run: FinishedRun, path: str) -> int | None:
        """How many records a Parquet file has; None where it is no Parquet file or not in the cache."""
        from pyarrow import ArrowInvalid
        from pyarrow.parquet import read_metadata

        file = self.find(run, path) if path.endswith(".parquet") else None
        try:
            return int(read_metadata(file).num_rows) if file else None
        except ArrowInvalid:
            return None
