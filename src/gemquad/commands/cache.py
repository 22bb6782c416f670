"""Show or prune the completions kept from earlier runs."""

import argparse

from gemquad.errors import UserError

EXAMPLES = ("gemquad cache", "gemquad cache --prune --older-than 30", "gemquad cache --prune --model gemma-3-270m")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options that select which completions to delete."""
    parser.add_argument("--prune", action="store_true", help="delete instead of showing; needs one of the next two")
    parser.add_argument("--model", metavar="NAME", help="only of this generator, as `gemquad cache` names it")
    parser.add_argument("--older-than", type=float, metavar="DAYS", help="only those generated so long ago")


def run(args: argparse.Namespace) -> None:
    """Delete the selected completions, if any, then print what the store holds for each generator."""
    from gemquad.generation.store import CompletionStore, store_path

    path = store_path()
    if not path.exists():
        raise UserError(
            f"{path} does not exist: nothing has been generated in this checkout yet. `dvc repro` generates."
        )
    narrowed = args.model is not None or args.older_than is not None
    if narrowed and not args.prune:
        raise UserError(
            "--model and --older-than say what to delete: add --prune, or leave them out to see what is kept."
        )
    store = CompletionStore(path)
    if args.prune:
        if not narrowed:
            raise UserError(
                "say what to prune: gemquad cache --prune --older-than 30, or --model NAME, or --older-than 0."
            )
        print(f"deleted {store.prune(args.model, args.older_than or 0.0)} completions")
    print(f"{path}: {path.stat().st_size / 2**20:.1f} MiB")
    for held in store.holdings():
        print(
            f"{held.model}: {held.completions} completions, {held.spent.prompt_tokens} tokens in, "
            f"{held.spent.completion_tokens} out, {held.spent.seconds:.0f} s; asked {held.requests} times, {held.hits} hits"
        )
