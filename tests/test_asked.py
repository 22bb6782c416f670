"""What `gemquad watch` refuses before DVC starts, and what it makes of overrides."""

from pathlib import Path

import pytest

from conftest import ROOT
from gemquad.errors import UserError
from gemquad.repository.asked import checked

RUN = ["dvc", "exp", "run"]


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("conf", "src", "data"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("student.epoch=2", r"student\.epoch: unknown setting; nearest: student\.epochs\."),
        ("student.epochs=two", r"student\.epochs is 'two'; expected float"),
        ("lang=fr", r"lang names 'fr', which has no files .*`gemquad init fr`"),
        ("data.gold=nix.json", r"^no such file: data\.gold: nix\.json\. "),
        ("data.languages.hi.dev=nix.json", r"^no such file: data\.languages\.hi\.dev: nix\.json\. "),
        ("seed=1,2", "has several values"),
        ("backend=openai", r"^generation\.rank_by is answer, and a server .* -S generation\.rank_by=none -S filter"),
    ],
)
def test_a_mistake_is_named_before_dvc_starts(override: str, message: str) -> None:
    own = f"params.yaml:{override}"
    for option in (
        ["-S", override],
        [f"--set-param={override}"],
        [f"-S{override}"],
        ["--set-param", own],
        [f"-S{own}"],
    ):
        with pytest.raises(UserError, match=message):
            checked([*RUN, *option])


def test_accents_get_the_quotes_that_hydra_wants() -> None:
    assert checked([*RUN, "-Sdata.gold=é.json", "-S", "params.yaml:seed=3", "--pull"]) == [
        *[*RUN, "-Sdata.gold='é.json'", "-S", "params.yaml:seed=3", "--pull"]
    ]
    given = [*RUN, "-n", "é", "-S", "+prompting.labels.fr=[Texte,Question,Réponse]", "-S", "seed=3"]
    assert checked(given) == [
        *[*RUN, "-n", "é", "-S", "+prompting.labels.fr=[Texte,Question,'Réponse']", "-S", "seed=3"]
    ]


def test_every_experiment_of_a_queue_is_checked() -> None:
    queued = [*RUN, "--queue", "-S"]
    assert checked([*queued, "lang=[es],[hi]"]) == [*queued, "lang=[es],[hi]"]
    with pytest.raises(UserError, match="lang names 'fr'"):
        checked([*queued, "lang=[es],[fr]"])


def test_a_file_that_dvc_keeps_may_be_away(checkout: Path) -> None:
    Path("own.dvc").write_text("", encoding="utf-8")
    assert checked([*RUN, "-S", "data.gold=own/gold.json"])
    assert checked([*RUN, "--pull", "-S", "data.gold=nix.json"])


def test_settings_of_another_file_and_other_commands_are_left_to_dvc() -> None:
    for words in ([*RUN, "-S", "conf/catalogue.yaml:mine.revision=é"], ["dvc", "status"], ["python", "x.py"]):
        assert checked(words) == words


def test_what_dvc_repro_would_read_is_checked(checkout: Path) -> None:
    assert checked(["dvc", "repro"]) == ["dvc", "repro"]
    text = (checkout / "params.yaml").read_text(encoding="utf-8")
    (checkout / "params.yaml").write_text(text.replace("data/sample/gold.en.json", "nix.json"), encoding="utf-8")
    with pytest.raises(UserError, match=r"no such file: data\.gold: nix\.json"):
        checked(["dvc", "repro"])
