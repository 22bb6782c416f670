"""Write docs/reference/: the parameters from their types, the commands from typer, the stages from dvc.yaml.

The pages are committed, so that they can be read without the site. `make docs` writes them, `tests/test_reference.py` compares.
"""

import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer
import yaml
from pydantic.fields import FieldInfo

from gemquad.cli import app
from gemquad.params import LanguageFiles, Params, flat_settings
from gemquad.settings.sections import Range
from gemquad.sources.entries import HubSource
from gemquad.tasks.prompting import LabelPrompting, PassagePrompting
from gemquad.tasks.settings import Classification, ExtractiveQA, Similarity

ROOT = Path(__file__).parents[1]
SECTIONS: tuple[tuple[str, type], ...] = (
    ("", Params),
    ("task", ExtractiveQA),
    ("task", Classification),
    ("task", Similarity),
    ("prompting", PassagePrompting),
    ("prompting", LabelPrompting),
    *(
        (name, kind)
        for name, kind in typing.get_type_hints(Params).items()
        if isinstance(kind, type) and is_dataclass(kind)
    ),
    ("data.languages.LANGUAGE", LanguageFiles),
    ("NAME", HubSource),
)
"""What stands in the reference, by its name in params.yaml. A section that depends on the task has several forms."""

FORMS = {
    ExtractiveQA: "extractive question answering",
    Classification: "classification",
    Similarity: "similarity",
    PassagePrompting: "extractive question answering",
    LabelPrompting: "labelled texts",
}


def pages() -> dict[str, str]:
    """The text of every page, by the name of its file."""
    return {"parameters.md": parameters(), "commands.md": commands(), "stages.md": stages()}


def parameters() -> str:
    """Every setting: its type and range, its default, what it means."""
    defaults = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    labelled = yaml.safe_load((ROOT / "conf/task/_labelled.yaml").read_text(encoding="utf-8"))
    text = [
        "# Parameters",
        "",
        _made_from("`src/gemquad/params/`, `src/gemquad/tasks/` and `params.yaml`"),
        "",
        "A setting is changed with `dvc exp run -S NAME=VALUE`, with the name as it stands here. The defaults are those of the",
        "bundled sample. A task, data set, model or experiment that is chosen by name (`-S task=jnli`) brings its own, from its",
        "file in `conf/`; what tasks over labelled texts change stands [at the end](#defaults-of-tasks-over-labelled-texts).",
    ]
    for section, kind in SECTIONS:
        text += ["", f"## {_heading(section, kind)}", "", _sentence(kind), ""]
        own = labelled if kind in (Classification, Similarity, LabelPrompting) else defaults
        text += _table(("setting", "meaning", "value", "default"), _rows(kind, section, own))
    changed = [(f"`{key}`", f"`{_plain(value)}`") for key, value in flat_settings(labelled).items()]
    text += ["", "## Defaults of tasks over labelled texts", "", "From `conf/task/_labelled.yaml`.", ""]
    return "\n".join([*text, *_table(("setting", "default"), changed), ""])


def commands() -> str:
    """Every command of `gemquad`: what it does, its options, examples."""
    text = [
        "# Commands",
        "",
        _made_from("the command's own help"),
        "",
        "`gemquad COMMAND --help` says the same. All of them work from any folder of the repository. Completion for your shell:",
        "`gemquad --install-completion`. The exit status is 0 where a command did its work, 1 where it could not and said why in",
        "one line, 2 where the command line is wrong, 130 after Ctrl-C; that of `gemquad watch` is DVC's.",
    ]
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        context = command.context_class(command, info_name=name)
        records = [param.get_help_record(context) for param in command.params]
        text += ["", f"## `gemquad {name}`", "", *command.help.split("\n"), ""]
        if records:
            text += [*_table(("argument", "meaning"), (_argument(*record) for record in records)), ""]
        text += ["<!-- not run: examples, which a test parses; the guides run the commands -->", ""]
        text += ["```bash", *(line.strip() for line in command.epilog.split("\n")[2:]), "```"]
    return "\n".join([*text, ""])


def stages() -> str:
    """Every stage of dvc.yaml: what it does, what it reads and writes."""
    source = (ROOT / "dvc.yaml").read_text(encoding="utf-8")
    does = dict(re.findall(r"^  (\w+):  # (.+)$", source, re.MULTILINE))
    text = [
        "# Stages",
        "",
        _made_from("`dvc.yaml`"),
        "",
        "In the order of the method, each in `src/gemquad/stages/`. What they do, told as a story: [the pipeline](../pipeline.md).",
    ]
    for stage, entry in yaml.safe_load(source)["stages"].items():
        body = entry.get("do", entry)
        each = f" One stage for each entry of `{entry['foreach'][2:-1]}`." if "foreach" in entry else ""
        reads = body.get("deps", [])
        writes = [
            next(iter(out)) if isinstance(out, dict) else out
            for out in [*body.get("outs", []), *body.get("metrics", [])]
        ]
        text += ["", f"## `{stage}`", "", f"{does[stage][0].upper()}{does[stage][1:]}.{each}", ""]
        settings = [name for named in body.get("params", []) for name in _settings(named)]
        listed = (("reads", reads), ("settings", settings), ("writes", writes))
        text += [f"* {what}: {', '.join(f'`{item}`' for item in items)}" for what, items in listed if items]
    return "\n".join([*text, ""])


def _settings(named: str | Mapping[str, list[str]]) -> list[str]:
    """What an entry of `params` names: a setting of params.yaml, or those of another file."""
    return [named] if isinstance(named, str) else [f"{file}: {key}" for file, keys in named.items() for key in keys]


def explanations(kind: type) -> dict[str, str]:
    """The docstrings below the fields of a section, by field."""
    described: Mapping[str, FieldInfo] = getattr(kind, "__pydantic_fields__")  # noqa: B009, which pydantic sets
    return {name: " ".join(field.description.split()) for name, field in described.items() if field.description}


def _heading(section: str, kind: type) -> str:
    if not section:
        return "The run"
    if kind is HubSource:
        return "An entry of `conf/catalogue.yaml`"
    has_forms = [name for name, _ in SECTIONS].count(section) > 1
    return f"`{section}`, {FORMS[kind]}" if has_forms else f"`{section}`"


def _rows(kind: type, prefix: str, defaults: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """One row for every explained field, and in place of a section within the section its own rows.

    A phone shows two columns: what a setting means stands next to its name.
    """
    hints, meanings = typing.get_type_hints(kind, include_extras=True), explanations(kind)
    for field in fields(kind):
        dotted = f"{prefix}.{field.name}".removeprefix(".")
        if is_dataclass(hints[field.name]) and prefix:
            yield from _rows(hints[field.name], dotted, defaults)
        elif field.name in meanings:
            yield f"`{dotted}`", meanings[field.name], _values(hints[field.name]), _default(field, dotted, defaults)


def _values(kind: Any) -> str:
    """The values that a setting may have, in words."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        words = "; ".join(allowed.words for allowed in inner[1:] if isinstance(allowed, Range))
        return f"{_values(inner[0]).removesuffix(' or null')}: {words}" if words else _values(inner[0])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if origin in (Union, types.UnionType):
        return f"{_values(inner[0])} or null"
    if origin is list:
        return f"list of {_values(inner[0])}"
    if origin is dict:
        return f"{_values(inner[1])} by name"
    if origin is tuple:
        return f"[{_values(inner[0])}, {_values(inner[1])}]"
    return "settings" if is_dataclass(kind) else "any" if kind is Any else kind.__name__


def _default(field: Any, dotted: str, defaults: Mapping[str, Any]) -> str:
    value: Any = defaults
    for key in dotted.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return "" if field.default is MISSING else f"`{_plain(field.default)}`"
        value = value[key]
    if isinstance(value, Mapping):
        return f"for {', '.join(value)}" if value else "none"
    return f"`{_plain(value)}`"


def _plain(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("\n...\n").strip()


def _argument(written: str, meaning: str) -> tuple[str, str]:
    """An entry of click's help, without the type of a positional argument, and with its defaults in round brackets."""
    extras = re.sub(r"  \[(.*)\]$", lambda extra: f" ({extra[1].replace('; ', ', ')})", meaning)
    extras = re.sub(r"x>=(\d+)", r"\1 or more", extras)
    return f"`{re.sub(r' <.*>$', '', written)}`", extras.replace("default: ", "default ")


def _sentence(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


def _made_from(source: str) -> str:
    return f"<!-- Written by docs/generate.py (`make docs`) from {source.replace('`', '')}. Do not edit. -->"


def _table(heads: tuple[str, ...], rows: Any) -> list[str]:
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *(f"| {line} |" for line in lines)]


if __name__ == "__main__":
    for file, text in pages().items():
        (ROOT / "docs/reference" / file).write_text(text, encoding="utf-8")
