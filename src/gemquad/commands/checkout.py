"""The commands `compose`, `lock` and `cache`: what a checkout keeps beside its runs."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from gemquad.errors import UserError
from gemquad.workspace import Workspace

Overrides = Annotated[list[str] | None, Argument(metavar="KEY=VALUE", help="Hydra overrides, as after `exp run -S`")]
AsJson = Annotated[bool, Option("--json", help="everything as one JSON object")]


def compose(overrides: Overrides = None) -> None:
    """Write params.yaml from conf/: the defaults, and what is changed in them.

    `dvc exp run -S` does the same before it runs, and leaves its settings in params.yaml; `dvc repro` takes that file as it stands.

    $ gemquad compose
    $ gemquad compose lang=hi stopping.max_rounds=3
    $ gemquad compose lang=es 'comparison.systems=[random,combined]'
    """
    from gemquad.settings.compose import compose

    if not Path("conf/config.yaml").exists():
        raise UserError("there is no conf/config.yaml here. Run `gemquad compose` in the repository root.")
    compose(Path(), overrides or [])


def lock() -> None:
    """Renew code.lock.yaml: for every stage of dvc.yaml a digest of the code that it runs.

    To be called after a change of code, before the next run and before a commit. DVC runs again the stages whose digest changed.

    $ gemquad lock
    """
    from gemquad.repository.code_lock import write_lock

    changed = write_lock(Workspace().code_lock)
    print(f"to run again: {', '.join(changed)}" if changed else "nothing changed")


def cache(
    prune: Annotated[bool, Option("--prune", help="delete instead of showing; needs one of the next two")] = False,
    model: Annotated[str | None, Option(metavar="NAME", help="only of this generator, as shown")] = None,
    older_than: Annotated[float | None, Option(metavar="DAYS", help="only those generated so long ago")] = None,
) -> None:
    """Show or prune the completions kept from earlier runs.

    $ gemquad cache
    $ gemquad cache --prune --older-than 30
    $ gemquad cache --prune --model gemma-3-270m
    """
    from gemquad.generation.store import CompletionStore, store_path

    path = store_path()
    if not path.exists():
        raise UserError(f"there is no {path}: nothing has been generated in this checkout yet. `dvc repro` generates.")
    if prune != (model is not None or older_than is not None):
        raise UserError("--prune needs --model NAME or --older-than DAYS (0 for all), and they need --prune.")
    store = CompletionStore(path)
    if prune:
        print(f"deleted {store.prune(model, older_than or 0.0)} completions")
    print(f"{path}: {path.stat().st_size / 2**20:.1f} MiB")
    for held in store.holdings():
        print(
            f"{held.model}: {held.completions} completions, {held.spent.prompt_tokens} tokens in, "
            f"{held.spent.completion_tokens} out, {held.spent.seconds:.0f} s; asked {held.requests} times, {held.hits} hits"
        )
