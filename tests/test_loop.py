"""The loop in memory, with students that are made up; and against the stages, which unroll it."""

from collections.abc import Sequence
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import ROOT, pair
from gemquad.files import read_result
from gemquad.params import Params, load_params
from gemquad.parquet import read_records
from gemquad.rounds.loop import Steps, run_loop
from gemquad.rounds.silver import Silver, keep
from gemquad.schema import Judgement, SyntheticPair
from gemquad.schema.results import DECISION, SilverCounts
from gemquad.scoring.students import aggregate, mean_over_languages
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace
from released import run_small

PAIRS = [replace(pair(), id=f"p{n}") for n in range(4)]


def kept(pairs: Sequence[SyntheticPair], seen: set[str]) -> Silver[SyntheticPair]:
    return Silver(pairs, (), {"es": SilverCounts(len(PAIRS), len(pairs), sum(one.id not in seen for one in pairs))})


@pytest.fixture(scope="module")
def defaults() -> Params:
    return load_params(ROOT / "params.yaml")


def steps(scores: dict[int, float]) -> Steps[int, SyntheticPair]:
    """A student is the number of its silver pairs; each keeps one more."""
    return Steps(
        filter=lambda student, seen: kept(PAIRS[: student + 1], seen),
        finetune=lambda silver: len(silver),
        evaluate=scores.__getitem__,
    )


def test_a_student_filters_for_the_next_until_the_score_rises_no_more(defaults: Params) -> None:
    rule = replace(defaults.stopping, max_rounds=9, patience=2, min_improvement=1.0)
    student, decision = run_loop(steps({0: 40.0, 1: 45.0, 2: 45.5, 3: 45.4}), rule)
    assert (student, [one.dev_score for one in decision.history]) == (2, [40.0, 45.0, 45.5, 45.4])
    assert [(one.silver, one.new_silver) for one in decision.history] == [(0, 0), (1, 1), (2, 1), (3, 1)]
    assert decision.reason.startswith("round 3: dev f1 rose by less than 1 for 2 rounds")


def test_where_nothing_is_kept_the_baseline_stays(defaults: Params) -> None:
    nothing = replace(steps({0: 40.0}), filter=lambda student, seen: kept([], seen))
    student, decision = run_loop(nothing, defaults.stopping)
    assert (student, len(decision.history)) == (0, 1)
    assert decision.reason == "round 1: the weak labeler agrees with none of 4 candidates"


def test_the_loop_in_memory_is_what_the_stages_do(tiny_gemma: Path, tmp_path: Path) -> None:
    """With real trainings of a tiny student: the same silver, the same scores, the same decision."""
    from gemquad.student.evaluation import label_candidates, predict
    from gemquad.student.training import fine_tune, sequence

    run_small(tmp_path, tiny_gemma)
    with chdir(tmp_path):
        files, params = Workspace(), load_params()
        task = load_task(params)
        head = task.head()
        gold, dev = (read_records(path, task.records.example) for path in (files.gold, files.dev))
        synthetic = read_records(files.candidates, task.records.synthetic)
        students = iter(tmp_path / f"memory-{n}" for n in range(9))

        def finetune(silver: Sequence[SyntheticPair]) -> Path:
            folder = next(students)
            phases = sequence({"silver": silver, "gold": gold}, head, params.student)
            fine_tune(phases, head, params.student, params.seed, folder)
            return folder

        def evaluate(student: Path) -> float:
            scores = aggregate(predict(student, {"dev": dev}, params.student, task, head), task)
            return mean_over_languages(scores["dev"], params.stopping.metric, params.lang)

        def judged(student: Path, seen: set[str]) -> Silver[SyntheticPair]:
            answers = [[own] for own in label_candidates(student, synthetic, params.student, head)]
            silver = keep(synthetic, answers, seen, params.filter, task)
            assert list(silver.judgements) == read_records(files.round(1).judgements, Judgement)
            return silver

        _, decision = run_loop(Steps(judged, finetune, evaluate), params.stopping)
        assert len(decision.history) == 2
        assert decision == read_result(files.round(1).decision, DECISION)
