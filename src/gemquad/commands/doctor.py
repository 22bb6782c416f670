"""The command `doctor`."""

import json
from dataclasses import asdict
from pathlib import Path

from typer import Exit

from gemquad.commands.checkout import AsJson, Overrides
from gemquad.errors import UserError, first_line


def doctor(overrides: Overrides = None, as_json: AsJson = False) -> None:
    """Say what the current parameters need of this machine, how long a run takes on it, and what to change.

    With overrides it speaks of an experiment before it runs: they are composed as `dvc exp run -S` does. The exit status is 1 where
    a run cannot work.

    $ gemquad doctor
    $ gemquad doctor experiment=quick
    $ gemquad doctor --json
    """
    try:
        from gemquad.doctor.checks import doctor, usable
    except (ImportError, OSError) as error:
        raise UserError(f"{first_line(error)}. Install what the project needs: make env") from error

    findings = []
    for finding in doctor(Path(), overrides or []):
        findings.append(finding)
        if not as_json:
            print(finding.lines(), flush=True)  # as soon as it is made
    if as_json:
        answer = {"usable": usable(findings), "findings": [asdict(finding) for finding in findings]}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    raise Exit(0 if usable(findings) else 1)
