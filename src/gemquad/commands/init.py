"""The command `init`."""

from pathlib import Path
from textwrap import fill
from typing import Annotated

from typer import Argument

from gemquad.errors import UserError

_THEN = (
    "exemplars.json has a worked exemplar in English: put yours in its place. No passage of dev or test may stand in another file. "
    "Gold is the sample's 348 English questions; more teach more (the settings say how). Then:"
)


def init(
    language: Annotated[str, Argument(metavar="LANGUAGE", help="its code of BCP-47, such as fr or pt-BR")],
) -> None:
    """Begin a new language: its settings, and files to fill in, with one worked exemplar.

    The settings are conf/experiment/LANGUAGE.yaml, the files data/own/LANGUAGE/, which Git does not track. It says how much data
    make sense and which commands come next. What exists is never overwritten.

    $ gemquad init fr
    """
    from gemquad.report.languages import language_name
    from gemquad.scaffold.language import ROLES, language_files
    from gemquad.scaffold.least import least
    from gemquad.scaffold.writing import write_new

    if not Path("conf/config.yaml").exists():
        raise UserError("there is no conf/config.yaml here. Run `gemquad init` in a checkout of this repository.")
    settings, *filled = write_new(language_files(language))
    print(f"{language_name(language)}: settings in {settings}, files to fill in in {filled[0].parent}:")
    for role in ROLES:
        print(fill(least(role), 80, initial_indent=f"  {role + '.json':<16}", subsequent_indent=" " * 18))
    print(fill(_THEN, 80))
    for command in ("check", "doctor", "watch dvc exp run -S"):
        print(f"  gemquad {command} experiment={language}")
