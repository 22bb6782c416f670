"""What is said before a run: its time by stage, and commands that take less, on a machine of a given speed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gemquad.doctor import plan as plans
from gemquad.doctor import telling
from gemquad.doctor.plan import lines, main, overrides_of
from gemquad.doctor.telling import smaller
from gemquad.params import Params, load_params

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("command", "overrides"),
    [
        ("dvc repro", []),
        ("dvc repro --force", []),
        ("dvc repro prompt", None),
        ("dvc repro --dry", None),
        ("dvc exp run", []),
        ("dvc exp run -S lang=hi --set-param seed=3 -n mine --temp", ["lang=hi", "seed=3"]),
        ("dvc exp run --set-param=lang=hi -Sparams.yaml:seed=3", ["lang=hi", "seed=3"]),
        ("dvc exp run -S conf/catalogue.yaml:mine.revision=x", None),
        ("dvc exp run --queue -S lang=hi", None),
        ("dvc status", None),
        ("sh -c true", None),
    ],
)
def test_the_settings_of_a_command(command: str, overrides: list[str] | None) -> None:
    assert overrides_of(command.split()) == overrides


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an hour for a training in a language, nothing else; of the same lock and store on every machine."""

    def forecast(params: Params, records: Mapping[str, list[Any]]) -> dict[str, float]:
        each = 1800.0 * len(params.lang) / (2 if params.data.limit("gold") else 1)
        rounds = range(params.stopping.max_rounds + 1)
        return {"generate": 30.0, **{f"finetune@{number}": each for number in rounds}}

    monkeypatch.setattr(plans, "forecast", forecast)
    monkeypatch.setattr(plans, "unchanged", lambda *_: set())
    monkeypatch.setattr(plans, "_share_to_write", lambda *_: 0.5)
    monkeypatch.setattr(telling, "busy", lambda: False)


def said(command: Sequence[str]) -> list[str]:
    return [line for line in lines(ROOT, command) if "DVC's cache" not in line]


def test_a_long_run_is_told_by_stage_with_commands_that_take_less(hours: None) -> None:
    assert said(["dvc", "exp", "run", "-S", "lang=[es, hi]"]) == [
        "this run takes roughly 3 hours on this machine, by its measured speed",
        "  finetune@0    60 minutes",
        "  finetune@1    60 minutes",
        "  finetune@2    60 minutes",
        "over an hour; shorter, after Ctrl-C, which loses nothing:",
        "   60 minutes  gemquad watch dvc exp run -S 'lang=[es, hi]' -S experiment=quick",
        "   90 minutes  gemquad watch dvc exp run -S lang=es",
        "   90 minutes  gemquad watch dvc exp run -S 'lang=[es, hi]' -S data.limits.gold=500",
        "  120 minutes  gemquad watch dvc exp run -S 'lang=[es, hi]' -S stopping.max_rounds=1",
    ]


def test_an_alternative_that_does_not_compose_takes_no_other_away(hours: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "read_data", lambda *_: {})
    monkeypatch.setattr(plans, "unfetched", lambda *_: {})
    monkeypatch.setattr(plans, "prompts_of", lambda *_: [])
    told = said(["dvc", "exp", "run", "-S", "task=jcola"])
    assert "over an hour; shorter, after Ctrl-C, which loses nothing:" in told
    assert told[-1].endswith("-S task=jcola -S stopping.max_rounds=1") and "quick" not in " ".join(told)


def test_of_gold_one_example_at_least_is_left() -> None:
    params = load_params(ROOT / "params.yaml")
    least = replace(params, data=replace(params.data, limits=replace(params.data.limits, gold=1)))
    assert ["data.limits.gold=1"] in [*smaller(least, [])]


def test_for_settings_that_only_params_yaml_has_nothing_shorter_is_offered(
    hours: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    offers = "over an hour; shorter, after Ctrl-C, which loses nothing:"
    assert offers in said(["dvc", "repro"])
    monkeypatch.setattr(plans, "other_than_defaults", lambda _: "seed=14")
    assert offers not in said(["dvc", "repro"])


def test_a_short_run_is_told_alone(hours: None) -> None:
    assert said(["dvc", "exp", "run", "-S", "experiment=quick"]) == [
        "this run takes roughly 30 minutes on this machine, by its measured speed",
        "  finetune@0    15 minutes",
        "  finetune@1    15 minutes",
    ]


def test_what_dvc_need_not_run_is_not_counted(hours: None, monkeypatch: pytest.MonkeyPatch) -> None:
    done = {"generate", "finetune@0", "finetune@1"}
    monkeypatch.setattr(plans, "unchanged", lambda *_: done)
    assert said(["dvc", "repro"])[0] == "this run takes roughly 60 minutes on this machine, by its measured speed"
    assert said(["dvc", "repro", "--force"])[0].startswith("this run takes roughly 3 hours")
    monkeypatch.setattr(plans, "unchanged", lambda *_: {*done, "finetune@2"})
    assert said(["dvc", "repro"]) == ["nothing to compute: every model has answered and learnt already"]


def test_of_a_server_tokens_and_money_are_told(hours: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(plans, "forecast", lambda *_: {"finetune@0": 90.0})
    monkeypatch.setattr(plans, "store_path", lambda: tmp_path / "completions.db")
    served = ["dvc", "exp", "run", "-S", "experiment=quick", "-S", "backend=openai", "-S", "generator.name=m"]
    told = said(served)
    assert told[1] == "  without the generation, whose time backend=openai decides"
    assert told[3] == "  generation: 112 prompts, 0 of them in the store already; to generate: 112"
    assert told[4].startswith("  generation: tokens in: ") and told[5].startswith(
        "  its price is not known: -S prices."
    )
    priced = said([*served, "-S", "prices.prompt_tokens=1.5"])
    assert priced[5].startswith("  generation: cost: 0.") and len(priced) == 6


def test_what_is_in_the_way_of_a_forecast_is_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["plan", "dvc", "exp", "run", "-S", "student.epoch=2"])
    monkeypatch.setattr("signal.alarm", lambda _: None)
    main()
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("how long it takes is not known yet: ") and "student.epoch" in line
