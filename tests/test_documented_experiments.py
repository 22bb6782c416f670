"""Every `dvc exp run` in the documentation composes to parameters the stages accept, each combination of a sweep by itself."""

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
from dvc.utils.hydra import get_hydra_sweeps

from gemquad.compose import compose
from gemquad.params import load_params

ROOT = Path(__file__).parents[1]
WITH_FILES = "new-task.md"
"""Its commands need the files that it makes; `test_task_files.py` runs them."""
DOCUMENTS = [ROOT / "README.md", *(path for path in sorted((ROOT / "docs").glob("*.md")) if path.name != WITH_FILES)]


def commands() -> list[tuple[str, list[str]]]:
    """(document, overrides) of every complete command; one with an ellipsis in it is a pattern, not a command."""
    found = []
    for document in DOCUMENTS:
        for block in re.findall(r"```bash\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL):
            for line in block.replace("\\\n", " ").split("\n"):
                if "dvc exp run" in line and "…" not in line:
                    words = shlex.split(line.split("&&")[0], comments=True)
                    overrides = [after for word, after in pairwise(words) if word == "-S"]
                    found.append((document.name, overrides))
    return found


@pytest.mark.parametrize(("document", "overrides"), commands())
def test_a_documented_experiment_composes(document: str, overrides: list[str], tmp_path: Path) -> None:
    sweeps = get_hydra_sweeps({"params.yaml": overrides}) if overrides else [{"params.yaml": []}]
    composed = {compose(ROOT, sweep["params.yaml"], tmp_path / f"{i}.yaml") for i, sweep in enumerate(sweeps)}
    settings = [load_params(path) for path in sorted(composed)]
    assert len({str(params) for params in settings}) == len(sweeps), f"{document}: combinations do not differ"


def test_there_are_sweeps_over_the_stop_rule_the_sampling_the_generator_and_a_third_language() -> None:
    swept = [" ".join(overrides) for document, overrides in commands() if document == "experiments.md"]
    for setting in (
        "stopping.patience=1,2",
        "sampling.temperature=[",
        "generator=gemma-270m,",
        "lang=[hi,es],[hi,es,de]",
    ):
        assert any(setting in overrides for overrides in swept), setting
