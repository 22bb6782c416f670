"""Write params.yaml from conf/."""

import argparse
from pathlib import Path

EXAMPLES = ("gemquad compose", "gemquad compose lang=hi stopping.max_rounds=3")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Hydra's overrides."""
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="Hydra overrides, as after `dvc exp run -S`")


def run(args: argparse.Namespace) -> None:
    """Write the file."""
    from gemquad.compose import compose

    compose(Path(), args.overrides)
