"""`dvc exp run` refuses what `gemquad compose` refuses: DVC composes with Hydra itself, and our resolvers check as they do."""

import pytest

from checkout import Checkout
from conftest import clone_project


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(clone_project(tmp_path_factory.mktemp("clone") / "project"), {})


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("prompting.shots=-1", "prompting.shots is out of range; it must be 0 or more."),
        ("+prompting.oder=x", "prompting.oder: unknown setting; nearest: prompting.order."),
        ("+task.kindd=x", "task.kindd: unknown setting; nearest: task.kind."),
        ("+generation.answer_ending_bonus=1", "this setting is now generation.stop_logit_bias."),
    ],
)
def test_an_experiment_that_cannot_be_ends_before_any_stage(clone: Checkout, override: str, message: str) -> None:
    before = (clone.root / "params.yaml").read_bytes()
    output = clone.run("dvc", "exp", "run", "-S", override, ok=False)
    (line,) = (line for line in output.splitlines() if line.startswith("ERROR"))
    assert message in line and "Traceback" not in output
    assert not clone.stages_run(output) and (clone.root / "params.yaml").read_bytes() == before


def test_dvc_finds_entries_lists_and_languages_in_the_graph(clone: Checkout) -> None:
    clone.compose(
        "data=files",
        "lang=zh-TW",
        "data.gold=hub:squad",
        "+data.languages.zh-TW={exemplars: e, passages: p, dev: d, test: hub:xquad}",
        "comparison.systems=[random,zero_shot_llm]",
    )
    stages = clone.run("dvc", "stage", "list", "--name-only").split()
    assert {"fetch@squad-en", "fetch@xquad-zh-TW", "read@gold", "read@dev-zh-TW", "compare@random-13"} <= set(stages)
    assert "ask@zero_shot_llm-13" in stages and "compare@zero_shot_llm-13" not in stages
    assert (clone.root / "params.yaml").read_text(encoding="utf-8").startswith("data:")
