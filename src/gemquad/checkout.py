"""Where the checkout is whose experiments share one MLflow store and one store of completions."""

import os
from pathlib import Path


def main_checkout() -> Path:
    """Where DVC was called; in a temporary workspace DVC sets `DVC_ROOT` to the checkout the experiment came from."""
    return Path(os.environ.get("DVC_ROOT", ".")).resolve()
