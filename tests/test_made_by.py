"""The command that a table of results carries makes the settings of the run again."""

import shlex
from pathlib import Path

import pytest
import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser

from conftest import ROOT
from gemquad.errors import UserError
from gemquad.settings.compose import compose
from gemquad.settings.made_by import _written, command

ES = "+data.languages.es={exemplars: e.json, passages: p.json, dev: d.json, test: 't 1.json'}"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("conf", "src"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ([], "dvc exp run"),
        (["seed=14", "lang=hi"], "dvc exp run -S 'comparison.seeds=[14]' -S lang=hi -S seed=14"),
        (["task=jnli"], "dvc exp run -S task=jnli"),
        (["data=files", "lang=es", r"data.gold='it\'s é.json'", ES, "++data.languages.de.test=t.json"], None),
        (["~data.languages.hi", "lang=es"], "dvc exp run -S '~data.languages.hi' -S lang=es"),
        (["student=xlm-roberta-base", "student.learning_rate=2e-5", "comparison=all", "stopping.max_rounds=4"], None),
    ],
)  # fmt: skip
def test_the_command_composes_the_same_settings(checkout: Path, overrides: list[str], said: str | None) -> None:
    made = compose(checkout, overrides).read_text(encoding="utf-8")
    told = command(checkout)
    assert said in (None, told)
    words = shlex.split(told)
    assert words[:3] == ["dvc", "exp", "run"] and set(words[3::2]) <= {"-S"}
    assert compose(checkout, words[4::2]).read_text(encoding="utf-8") == made


@pytest.mark.parametrize("key", ["a b", "0-1"])
def test_keys_of_a_mapping_stand_without_quotes_which_hydra_refuses(key: str) -> None:
    assert _written({"x": {key: "it's"}}) == rf"{{x:{{{key}:'it\'s'}}}}"
    parsed = OverridesParser.create().parse_override(f"x={_written({key: 'a b'})}")
    assert parsed.value() == {key: "a b"}


@pytest.mark.parametrize("key", ["é", "0"])
def test_what_no_override_makes_is_said(checkout: Path, key: str) -> None:
    own = yaml.safe_load(compose(checkout, ["seed=14"]).read_text(encoding="utf-8"))
    own["task"]["more"] = {key: "a"}
    (checkout / "params.yaml").write_text(yaml.safe_dump(own, allow_unicode=True), encoding="utf-8")
    told = command(checkout)
    assert told.endswith("  # not quite: params.yaml has keys that no override can give") and "-S seed=14 " in told


def test_without_settings_it_says_so(checkout: Path) -> None:
    with pytest.raises(UserError, match=r"params\.yaml does not exist"):
        command(checkout)
