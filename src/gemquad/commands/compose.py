"""Write params.yaml from conf/: the defaults, and what is changed in them.

`dvc exp run -S` does the same before it runs, and leaves its settings in params.yaml; `dvc repro` takes that file as it stands.
"""

import argparse
from pathlib import Path

from gemquad.errors import UserError

EXAMPLES = (
    "gemquad compose",
    "gemquad compose lang=hi stopping.max_rounds=3",
    "gemquad compose lang=es 'comparison.systems=[random,combined]'",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Hydra overrides of the settings in `conf/`."""
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="Hydra overrides, as after `dvc exp run -S`")


def run(args: argparse.Namespace) -> None:
    """Compose `conf/` with the overrides and write params.yaml."""
    from gemquad.compose import compose

    if not Path("conf/config.yaml").exists():
        raise UserError("there is no conf/config.yaml here. Run `gemquad compose` in the repository root.")
    compose(Path(), args.overrides)
