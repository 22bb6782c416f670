"""Say what this machine has, what the current parameters need of it, and what to change.

The exit status is 1 where a run cannot work.
"""

import argparse
from pathlib import Path

EXAMPLES = ("gemquad doctor", "gemquad doctor --json")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The form of the answer."""
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> None:
    """Print every finding, on a terminal as soon as it is made."""
    import json
    import sys
    from dataclasses import asdict

    from gemquad.machine.doctor import doctor, usable

    findings = []
    for finding in doctor(Path()):
        findings.append(finding)
        if not args.json:
            print(finding.lines(), flush=True)
    if args.json:
        said = {"usable": usable(findings), "findings": [asdict(finding) for finding in findings]}
        print(json.dumps(said, ensure_ascii=False, indent=2))
    sys.exit(0 if usable(findings) else 1)
