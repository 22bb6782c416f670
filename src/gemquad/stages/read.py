"""Read and check one file in its role, and note in a data card what it is."""

import sys
from pathlib import Path

from gemquad.commandline import run_stage
from gemquad.files import checked, write_result
from gemquad.params import load_params
from gemquad.parquet import write_records
from gemquad.schema import Passage
from gemquad.schema.results import CARD
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace


def main(key: str) -> None:
    files, params = Workspace(), load_params()
    (role, language), path = params.data.role_of(key), Path(params.data.sources[key])
    format = load_task(params).format
    records = format.read(path, language, role)[: params.data.limit(role)]
    facts = format.facts(role, records)
    for warning in facts.warnings:
        print(f"{key} ({path}): {warning}", file=sys.stderr)
    write_records(files.source(key), Passage if role == "passages" else format.record, records)
    what = {"key": key, "role": role, "language": language, "path": str(path)}
    card = {**what, "records": len(records), "hub": format.card(path), **facts.card}
    write_result(files.card(key), CARD, checked(card, str(path), CARD))


if __name__ == "__main__":
    run_stage(main, "key")
