"""Get the files of a data set from the hub, at exactly the requested revision, and read them.

Files come through the hub's own cache (below `$HF_HOME`), so that what was fetched once is there without a network.
`datasets` finds the files of a split; its `load_dataset` by hub id would, without a network, take whatever revision it finds
cached, and it refuses a repository that also holds a loading script. No script is ever run here.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict  # pydantic cannot read `typing.TypedDict` before Python 3.12

from gemquad.errors import UserError, first_line
from gemquad.files import readable
from gemquad.sources.entries import CATALOGUE, HubSource
from gemquad.sources.json_rows import json_rows
from gemquad.yaml_files import parse_yaml

_SUFFIXES = (".parquet", ".json", ".jsonl")
_ELSEWHERE = re.compile(r"[:\\]|^[/~]|(^|/)\.\.(/|$)")
"""What no pattern of files of a repository has: a scheme or drive, a root, a way up."""
_PATIENCE = 10.0
"""Seconds that the hub may take to say that it is there."""
_LARGEST_METADATA = 1 << 18
"""Characters of YAML; more take over five seconds to read."""


@with_config(ConfigDict(coerce_numbers_to_str=True))
class _SplitFiles(TypedDict):
    split: str
    path: str | list[str]


_DataFiles = str | list[str | _SplitFiles]
"""The three forms that the hub's documentation allows a configuration in a README."""
_DATA_FILES: TypeAdapter[_DataFiles] = TypeAdapter(_DataFiles)
_LICENCE: TypeAdapter[str | list[str] | None] = TypeAdapter(str | list[str] | None)


@dataclass(frozen=True)
class Wanted:
    """A catalogue entry for one language, with `{language}` filled in."""

    name: str
    language: str
    source: HubSource

    def __str__(self) -> str:
        source = self.source
        parts = {
            "config": source.config,
            "files": source.data_files,
            "split": source.split,
            "revision": source.revision,
        }
        where = ", ".join(f"{part} {value}" for part, value in parts.items() if value)
        return f"hub:{self.name} for {self.language} ({source.repo}, {where})"

    def setting(self, line: str) -> str:
        """The place in the catalogue where the entry sets a value, for error messages."""
        return f"`{line}` below `{self.name}` in {CATALOGUE}"


@dataclass(frozen=True)
class Snapshot:
    """Files in the hub's cache, the commit they are from, and the licence that the repository's README declares."""

    files: list[Path]
    commit: str
    licence: str | list[str] | None


def snapshot(wanted: Wanted) -> Snapshot:
    """Download the files of the split into the hub's cache, and only those if the repository declares which they are.

    Raises:
        UserError: the hub does not have them, or is out of reach and they are not in the cache.
    """
    from huggingface_hub.utils import disable_progress_bars

    if not sys.stderr.isatty():
        disable_progress_bars()
    named = wanted.source.data_files
    folder = _download(wanted, ["README.md", *([named] if named else [])])
    metadata = _metadata(folder / "README.md", wanted)
    patterns = [named] if named else _declared(metadata, wanted)
    if not named:
        pinned = replace(wanted, source=replace(wanted.source, revision=folder.name))
        _download(pinned, patterns or [f"*{suffix}" for suffix in _SUFFIXES])
    files = _matching(folder, patterns or _inferred(folder, wanted), wanted)
    if not files:
        raise UserError(
            f"{wanted}: no Parquet or JSON file {f'matches {named}' if named else 'is there'}. Name its files, "
            f"{wanted.setting('data_files: GLOB')}. A loading script is never run; what the hub made of one is often at "
            "revision refs/convert/parquet."
        )
    return Snapshot(files, folder.name, _licence(metadata))


def records(files: list[Path]) -> Iterator[Any]:
    """The content of Parquet, JSON and JSON Lines files in order: rows, or whole documents.

    Raises:
        UserError: a file is not what its name says.
    """
    for file in files:
        yield from _parquet(file) if file.suffix == ".parquet" else _json(file)


def _parquet(file: Path) -> Iterator[Any]:
    """Row by row. Not by a streaming `datasets.IterableDataset`, whose reader threads now and then abort the process at its end."""
    from pyarrow import ArrowException, parquet

    odd_files = (ArrowException, OSError, TypeError, ValueError, LookupError, OverflowError)
    try:
        with parquet.ParquetFile(file, page_checksum_verification=True) as opened:
            for batch in opened.iter_batches():
                yield from _with_short_decimals(batch).to_pylist()
    except odd_files as error:
        raise UserError(
            f"{file.name} is not Parquet: {first_line(error)} Name another file with data_files."
        ) from error


def _with_short_decimals(batch: Any) -> Any:
    """Columns of single precision as their shortest decimals: 3.8 that was stored as float32, not 3.799999952316284."""
    import pyarrow as pa

    columns = [
        column.cast(pa.string()).cast(pa.float64()) if column.type == pa.float32() else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _json(file: Path) -> Iterator[Any]:
    """One document, a list of rows, or a row per line. `datasets` would guess types: a column of dates becomes times."""
    with readable(file.name, "Name another file with data_files."):
        rows = json_rows(file.read_text(encoding="utf-8-sig"))
    yield from (value for _, value in rows)


def _download(wanted: Wanted, patterns: list[str]) -> Path:
    """The snapshot's folder, named by its commit, with the files that match; from the cache where the hub is out of reach."""
    import httpx2
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    repo, revision = wanted.source.repo, wanted.source.revision
    loose = [pattern.replace("**/", "*") for pattern in patterns]
    why = ""
    try:
        why = _out_of_reach(repo, revision)
        folder = snapshot_download(
            repo, repo_type="dataset", revision=revision, allow_patterns=loose, local_files_only=bool(why)
        )
    except RepositoryNotFoundError as error:
        raise UserError(
            f"{wanted}: the hub has no such data set, or does not show it to you. Check the name; for a private or gated one "
            "accept its terms on the hub and set HF_TOKEN."
        ) from error
    except RevisionNotFoundError as error:
        raise UserError(
            f"{wanted}: there is no such revision. Name a commit, branch or tag of the repository."
        ) from error
    except HFValidationError as error:
        raise UserError(f"{wanted}: {first_line(error)} A hub id is OWNER/NAME.") from error
    except (LocalEntryNotFoundError, HfHubHTTPError, httpx2.HTTPError) as error:
        raise UserError(_help_offline(wanted, why or first_line(error))) from error
    return Path(folder)


def _out_of_reach(repo: str, revision: str) -> str:
    """Why the hub cannot be asked, found out in one request; empty if it can."""
    import httpx2
    from huggingface_hub import HfApi
    from huggingface_hub.errors import (
        HfHubHTTPError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        HfApi().dataset_info(repo, revision=revision, timeout=_PATIENCE)
    except (RepositoryNotFoundError, RevisionNotFoundError):
        raise
    except (OfflineModeIsEnabled, HfHubHTTPError, httpx2.HTTPError) as error:
        return first_line(error)
    return ""


def _help_offline(wanted: Wanted, why: str) -> str:
    return (
        f"{wanted} is not in the hub's cache, and the hub cannot be reached ({why}). On a machine with a network, with the same "
        f"params.yaml, run `dvc repro fetch@{wanted.name}-{wanted.language}`; then bring the result here with `dvc push` there and "
        "`dvc pull` here (dvc.lock comes along), or copy its HF_HOME (default ~/.cache/huggingface). Or name a file of your own "
        f"in its place, e.g. -S ++data.languages.{wanted.language}.test=PATH."
    )


def _metadata(readme: Path, wanted: Wanted) -> Mapping[str, Any]:
    """What stands above the text of a README. One that cannot be read declares nothing if the entry names the files itself."""
    from huggingface_hub.repocard import REGEX_YAML_BLOCK

    text = readme.read_bytes().decode("utf-8-sig", "replace") if readme.exists() else ""
    block = REGEX_YAML_BLOCK.search(text)
    try:
        if block and len(block[2]) > _LARGEST_METADATA:
            raise _unreadable(wanted, f"over {_LARGEST_METADATA} characters of metadata")
        metadata = parse_yaml(block[2].encode(), f"{wanted}: README.md", _remedy(wanted)) if block else None
        if not isinstance(metadata, Mapping | None):
            raise _unreadable(wanted, "metadata that are no mapping")
    except UserError:
        if wanted.source.data_files:
            return {}
        raise
    return metadata or {}


def _unreadable(wanted: Wanted, why: str) -> UserError:
    return UserError(f"{wanted}: README.md there has {why}. {_remedy(wanted)}")


def _remedy(wanted: Wanted) -> str:
    return f"Name the files, {wanted.setting('data_files: GLOB')}."


def _licence(metadata: Mapping[str, Any]) -> str | list[str] | None:
    """The licence, or several; None where something else stands in its place."""
    try:
        return _LICENCE.validate_python(metadata.get("license"))
    except ValidationError:
        return None


def _declared(metadata: Mapping[str, Any], wanted: Wanted) -> list[str]:
    """The globs that the README's `configs` give for configuration and split; empty if it declares none."""
    listed = metadata.get("configs") or []
    configs = {
        str(config.get("config_name", "default")): config["data_files"]
        for config in (listed if isinstance(listed, list) else [])
        if isinstance(config, Mapping) and config.get("data_files")
        if isinstance(config.get("config_name", ""), str | int | float)
    }
    if not configs and not wanted.source.config:
        return []
    name = wanted.source.config or (next(iter(configs)) if len(configs) == 1 else "default")
    if name not in configs:
        known = ", ".join(configs) or "none"
        raise UserError(
            f"{wanted}: there is no configuration '{name}', only: {known}. Set {wanted.setting('config: NAME')}."
        )
    splits = _by_split(configs[name], wanted)
    if wanted.source.split not in splits:
        raise UserError(
            f"{wanted}: there is no split '{wanted.source.split}', only: {', '.join(splits)}. "
            f"Set {wanted.setting('split: NAME')}."
        )
    return splits[wanted.source.split]


def _by_split(data_files: Any, wanted: Wanted) -> dict[str, list[str]]:
    """Globs by split; those that name none are of "train"."""
    try:
        checked = _DATA_FILES.validate_python(data_files)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _unreadable(wanted, f"odd data_files: {first['msg']}") from error
    splits: dict[str, list[str]] = {}
    for entry in [checked] if isinstance(checked, str) else checked:
        split, paths = ("train", entry) if isinstance(entry, str) else (entry["split"], entry["path"])
        splits.setdefault(split, []).extend([paths] if isinstance(paths, str) else paths)
    return splits


def _inferred(folder: Path, wanted: Wanted) -> list[str]:
    """The globs of the split as `datasets` infers them from the names of files and folders."""
    from datasets.data_files import EmptyDatasetError, get_data_patterns

    try:
        splits = {str(split): globs for split, globs in get_data_patterns(str(folder)).items()}
    except EmptyDatasetError:
        return []
    if wanted.source.split not in splits:
        raise UserError(
            f"{wanted}: there is no split '{wanted.source.split}', only: {', '.join(splits)}. "
            f"Set {wanted.setting('split: NAME')}, or "
            f"name its files: {wanted.setting('data_files: GLOB')}."
        )
    return splits[wanted.source.split]


def _matching(folder: Path, patterns: list[str], wanted: Wanted) -> list[Path]:
    """The files in `folder` that match. `resolve_pattern` alone would take paths of this machine and addresses too."""
    from datasets.data_files import resolve_pattern

    found: set[Path] = set()
    for pattern in patterns:
        try:
            if _ELSEWHERE.search(pattern):
                raise ValueError("it leads out of the repository")
            found.update(Path(file) for file in resolve_pattern(pattern, str(folder)))
        except FileNotFoundError:
            continue
        except ValueError as error:
            raise UserError(
                f"{wanted}: '{pattern}' names no files there: {first_line(error)}. {_remedy(wanted)}"
            ) from error
    return sorted(file for file in found if file.suffix in _SUFFIXES)
