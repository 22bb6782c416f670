"""Pairs are weighed by the stages themselves: a finished small run, some stages of which run again with other settings."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from gemquad.params import load_params
from gemquad.parquet import read_records
from gemquad.rounds.halves import dev_halves
from gemquad.rounds.informative import informative
from gemquad.schema import AuditedPair, Completion, Judgement, PairValue, Question, SilverPair, SyntheticPair
from gemquad.student.value import values
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace
from in_process import Call, run_call
from released import released_run

Again = Callable[..., Workspace]


@pytest.fixture
def again(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, tiny_gemma: Path, monkeypatch: pytest.MonkeyPatch
) -> Again:
    """Run some stages again in a copy of the run, with some settings changed; the current folder is then that copy."""
    folder = tmp_path / "run"
    shutil.copytree(released_run(tmp_path_factory, tiny_gemma), folder, symlinks=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GEMQUAD_COMPLETIONS", str(folder / "completions.db"))

    def run(stages: str, **changes: dict[str, Any]) -> Workspace:
        params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
        for section, own in changes.items():
            params[section] |= own
        Path("params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
        for name in stages.split():
            stage, _, number = name.partition("@")
            run_call(Call(stage, {"round": int(number)} if number else {}, {}))
        return Workspace()

    return run


def test_by_default_all_dev_scores_and_nothing_is_valued(again: Again) -> None:
    files = again("")
    assert read_records(files.valuing, Question) == [] and len(read_records(files.dev, Question)) == 12
    assert read_records(files.round(1).values, PairValue) == []


def test_half_of_dev_values_pairs_and_their_values_are_their_weights(again: Again) -> None:
    files = again("")
    every = read_records(files.dev, Question)
    again("prepare label@1 filter@1 audit@1", filter={"weights": "value"})
    own, params = files.round(1), load_params()
    task = load_task(params)
    assert (read_records(files.valuing, Question), read_records(files.dev, Question)) == dev_halves(every, task)

    pairs, found = read_records(files.candidates, SyntheticPair), read_records(own.values, PairValue)
    probes = [one.pair for one in task.audit_pairs(read_records(files.dev, Question), params.seed)]
    assert [(one.language, one.id) for one in found] == [(one.language, one.id) for one in [*pairs, *probes]]
    student, half = files.round(0).student, read_records(files.valuing, Question)
    assert [one.value for one in found] == values(student, [*pairs, *probes], half, params.student, task.head())

    positive = [one.value for one in found[: len(pairs)] if one.value > 0]
    mean = sum(positive) / len(positive)
    judged = read_records(own.judgements, Judgement)
    assert 0 < len(positive) < len(pairs)
    assert [one.weight for one in judged] == pytest.approx([max(v.value, 0) / mean for v in found[: len(pairs)]])
    silver = read_records(own.silver, SilverPair)
    assert [one.weight for one in silver] == [one.weight for one in judged if one.kept] and len(silver) == len(positive)
    audited = read_records(own.audited, AuditedPair)
    assert [one.kept for one in audited] == [one.value > 0 for one in found[len(pairs) :]]


def test_blind_answers_weigh_pairs_and_the_audit_says_that_it_has_none(
    again: Again, capsys: pytest.CaptureFixture[str]
) -> None:
    files = again(
        "generate cut filter@1 audit@1 report",
        generation={"blind_answers": True},
        filter={"weights": "informative", "min_f1": 0.01},
    )
    own, params = files.round(1), load_params()
    task = load_task(params)
    pairs, judged = read_records(files.candidates, SyntheticPair), read_records(own.judgements, Judgement)
    blind = {one.id: one.blind_answer for one in read_records(files.completions, Completion)}
    worths = [
        informative(pair, blind[pair.id], one.probability, params.filter, task)
        for pair, one in zip(pairs, judged, strict=True)
    ]
    silver = [one for one in worths if one > 0]
    assert 0 < len(silver) < len(pairs)
    assert [one.weight for one in judged] == pytest.approx([one * len(silver) / sum(silver) for one in worths])
    assert len(read_records(own.silver, SilverPair)) == len(silver)

    audited = read_records(own.audited, AuditedPair)
    doubts = [4 * one.probability * (1 - one.probability) for one in audited]
    some = [one for one in doubts if one > 0]
    assert [one.weight for one in audited] == pytest.approx([one * len(some) / sum(some) for one in doubts])
    said = (
        "Dev examples have no blind answers, so of `filter.weights: informative` the labelers' doubt alone is audited"
    )
    assert f"note: {said}" in capsys.readouterr().err
    page = files.page.read_text(encoding="utf-8")
    assert said.replace("'", "&#39;") in page and "asked blind, the generator gives another answer" in page
    card = files.data_card.read_text(encoding="utf-8")
    assert said in card and "a pair that weighs more than 0 by `filter.weights: informative` is silver" in card
