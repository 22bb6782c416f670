"""The command `init`."""

from pathlib import Path
from textwrap import fill
from typing import Annotated

from typer import Argument, Option

from gemquad.errors import UserError

_THEN = (
    "exemplars.json has a worked exemplar in English: put yours in its place. No passage of dev or test may stand in another file. "
    "Gold is the sample's 348 English questions; more teach more (the settings say how). Then:"
)
_OF_A_TASK = (
    "The settings hold a worked task in English, support messages by queue, and exemplars.csv its two exemplars: put your classes, "
    "wording and rows in their place. 100 rows of gold and of dev make sense, 200 of test. No text may stand in two files. Then:"
)


def init(
    language: Annotated[str, Argument(metavar="LANGUAGE", help="its code of BCP-47, such as fr or pt-BR")],
    task: Annotated[
        str | None, Option(metavar="NAME", help="texts by class in place of questions, as a task NAME")
    ] = None,
) -> None:
    """Begin a new language or task: its settings, and files to fill in, with a worked exemplar.

    The settings are conf/experiment/LANGUAGE.yaml, or conf/task/NAME.yaml; the files are in data/own/, which Git does not track. It
    says how much data make sense and which commands come next. What exists is never overwritten.

    $ gemquad init fr
    $ gemquad init pt --task tickets
    """
    from gemquad.report.languages import language_name
    from gemquad.scaffold.language import ROLES, language_files
    from gemquad.scaffold.least import least
    from gemquad.scaffold.task import task_files
    from gemquad.scaffold.writing import write_new

    if not Path("conf/config.yaml").exists():
        raise UserError("there is no conf/config.yaml here. Run `gemquad init` in a checkout of this repository.")
    if task:
        settings, *tables = write_new(task_files(task, language))
        print(f"{task}: settings in {settings}; to fill in, in {tables[0].parent}:")
        print(fill(f"{', '.join(path.name for path in tables)}. {_OF_A_TASK}", 80))
        _print_commands(f"task={task}")
        return
    settings, *filled = write_new(language_files(language))
    print(f"{language_name(language)}: settings in {settings}; to fill in, in {filled[0].parent}:")
    for role in ROLES:
        print(fill(least(role), 80, initial_indent=f"  {role + '.json':<16}", subsequent_indent=" " * 18))
    print(fill(_THEN, 80))
    _print_commands(f"experiment={language}")


def _print_commands(choice: str) -> None:
    for command in ("check", "doctor", "watch dvc exp run -S"):
        print(f"  gemquad {command} {choice}")
