"""The code that a stage runs, as one digest in `code.lock.yaml`, which the stage has among its parameters in `dvc.yaml`.

A digest covers the module of the stage and all of this package that it imports, wherever the import stands, without docstrings,
comments and blank lines, and the templates, styles and scripts beside these modules: rewording a docstring runs nothing again,
mending a metric only what computes it. `gemquad lock` writes the file.
"""

import ast
import hashlib
import io
import tokenize
from functools import cache
from pathlib import Path

import yaml

from gemquad.errors import UserError
from gemquad.files import write_text

PACKAGE = Path(__file__).parents[1]
NOT_COVERED = frozenset(
    {
        "gemquad",
        "gemquad.repository.code_lock",
        "gemquad.commandline",
        "gemquad.environment",
        "gemquad.errors",
        "gemquad.params",
        "gemquad.progress",
        "gemquad.tracking.live",
        "gemquad.settings.setting_errors",
        "gemquad.settings.sections",
        "gemquad.workspace",
    }
)
"""Modules whose change cannot change a result: messages, progress, how settings are read, paths (which dvc.yaml states itself)."""

_FILLED_IN = {".jinja", ".html", ".css", ".js"}

PARTS = frozenset({"format", "prompter", "head"})
"""Members of a task that import what they give."""


def stage_names() -> list[str]:
    """The names of all stages of the package, sorted."""
    return sorted(path.stem for path in (PACKAGE / "stages").glob("*.py") if path.stem != "__init__")


def stage_digest(stage: str) -> str:
    """16 hexadecimal digits over the code that `stage` runs; the same on every version of Python."""
    digest, modules = hashlib.sha256(), sorted(closure(stage))
    for module in modules:
        digest.update(f"{module}\n{code(file_of(module))}\n".encode())
    for path in templates({file_of(module).parent for module in modules}):
        digest.update(f"{path.relative_to(PACKAGE).as_posix()}\n{path.read_text(encoding='utf-8')}\n".encode())
    return digest.hexdigest()[:16]


def write_lock(path: Path) -> list[str]:
    """Write the digests of all stages to `path`; returns the stages whose digest changed."""
    locked, current = _read(path) if path.exists() else {}, {name: stage_digest(name) for name in stage_names()}
    write_text(path, yaml.safe_dump(current))
    return [name for name, digest in current.items() if locked.get(name) != digest]


def refuse_stale(stage: str, path: Path) -> None:
    """Check that the digest in `path` of a stage about to run is that of its current code.

    Raises:
        UserError: the file is missing, or the code has changed since it was written.
    """
    if not path.exists():
        raise UserError(f"{path} does not exist. Call the stage in the root of a checkout, or write it: gemquad lock.")
    if _read(path).get(stage) != stage_digest(stage):
        raise UserError(
            f"{path}: the code of stage '{stage}' has changed since its digest was written. Run `gemquad lock`, then again."
        )


def closure(stage: str) -> set[str]:
    """The stage's module and all modules of the package that it imports, directly or indirectly, except those not covered.

    A task imports its format, prompter and head where it is asked for them: those count that the stage's own text asks for.
    """
    text = ast.parse(file_of(f"gemquad.stages.{stage}").read_text(encoding="utf-8"))
    unasked = PARTS - {node.attr for node in ast.walk(text) if isinstance(node, ast.Attribute)}
    found: set[str] = set()
    waiting = [f"gemquad.stages.{stage}"]
    while waiting:
        current = waiting.pop()
        if current not in found and current not in NOT_COVERED:
            found.add(current)
            waiting += imports(current, unasked)
    return found


@cache
def imports(module: str, unasked: frozenset[str] = frozenset()) -> frozenset[str]:
    """The modules of the package that are imported anywhere in the source of `module`, also within functions.

    Left out is what only the type checker reads, and the bodies of a task's members that are called as in `unasked`.
    """
    names: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(file_of(module).read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if _is_for_types(node) or (module.startswith("gemquad.tasks.") and getattr(node, "name", None) in unasked):
            continue
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
        waiting += ast.iter_child_nodes(node)
    return frozenset(name for name in names if name.startswith("gemquad.") and file_of(name).exists())


def code(path: Path) -> str:
    """The source of a file without docstrings, comments, blank lines and trailing spaces."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def templates(folders: set[Path]) -> list[Path]:
    """The files in `folders`, and in a folder `templates` of theirs, that the code there fills in or copies to a page."""
    found = (path for folder in folders for part in ("*", "templates/**/*") for path in folder.glob(part))
    return sorted(path for path in found if path.suffix in _FILLED_IN)


def file_of(module: str) -> Path:
    """The file of a module of the package."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _read(path: Path) -> dict[str, str]:
    """The digests by stage; none where a merge left its marks in the file."""
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError:
        return {}
    return loaded if isinstance(loaded, dict) else {}
