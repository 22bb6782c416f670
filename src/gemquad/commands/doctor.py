"""Say what this machine has, what the current parameters need of it, how long a run takes on it, and what to change.

With overrides it speaks of an experiment before it runs: they are composed as `dvc exp run -S` does. The exit status is 1 where a
run cannot work.
"""

import argparse
from pathlib import Path

from gemquad.errors import UserError

EXAMPLES = ("gemquad doctor", "gemquad doctor experiment=quick", "gemquad doctor --json")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Overrides of the parameters, and the output format."""
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="Hydra overrides, as after `dvc exp run -S`")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> None:
    """Print every finding; on a terminal each is printed as soon as it is made."""
    import json
    import sys
    from dataclasses import asdict

    try:
        from gemquad.doctor.checks import doctor, usable
    except (ImportError, OSError) as error:
        raise UserError(f"{error}. Install what the project needs: make env") from error

    findings = []
    for finding in doctor(Path(), args.overrides):
        findings.append(finding)
        if not args.json:
            print(finding.lines(), flush=True)
    if args.json:
        answer = {"usable": usable(findings), "findings": [asdict(finding) for finding in findings]}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    sys.exit(0 if usable(findings) else 1)
