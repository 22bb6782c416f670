"""How a stage reads its command line: named paths, nothing else; settings come from params.yaml."""

import argparse
from pathlib import Path


def parse_paths(description: str | None, *names: str, **typed: type) -> argparse.Namespace:
    """Parse `--name PATH` for every name, all required; `typed` adds options of another type, e.g. `round=int`."""
    parser = argparse.ArgumentParser(description=description)
    for name in names:
        parser.add_argument(f"--{name}", type=Path, required=True, metavar="PATH")
    for name, kind in typed.items():
        parser.add_argument(f"--{name}", type=kind, required=True)
    return parser.parse_args()
