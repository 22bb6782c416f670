"""JapaGen's six tasks from end to end on tiny files in their published formats, each with its own metrics."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gemquad.errors import UserError
from in_process import run_pipeline

Row = dict[str, Any]
Rows = Callable[[str, int], Row]

NEWS = ["dokujo-tsushin", "it-life-hack", "kaden-channel", "livedoor-homme", "movie-enter", "peachy", "smax"]
NEWS += ["sports-watch", "topic-news"]


def text(split: str, number: int) -> str:
    """A sentence that no other row has."""
    subjects = ["兄", "妹", "医者", "先生", "運転手", "画家"]
    places = ["港", "駅前の広場", "古い橋", "図書館", "山の上", "庭"]
    return f"{split}の{number}番目に{subjects[number % 6]}が{places[number // 6 % 6]}で{number * 7}枚の写真を撮った。"


def captions(split: str, number: int, label: Any) -> Row:
    pair = {"sentence1": text(split, number), "sentence2": text(split, number + 50)}
    return {"sentence_pair_id": f"{number}", "yjcaptions_id": f"{number}-1-2", **pair, "label": label}


TASKS: dict[str, tuple[Rows, list[str]]] = {
    "marc-ja": (
        lambda s, n: {"review_id": f"R{s}{n}", "text": text(s, n), "label": ["positive", "negative"][n % 2]},
        ["accuracy"],
    ),
    "jsts": (lambda s, n: captions(s, n, [0.0, 1.2, 2.4, 3.8, 5.0][n % 5]), ["Pearson", "Spearman"]),
    "jnli": (lambda s, n: captions(s, n, ["entailment", "contradiction", "neutral"][n % 3]), ["accuracy"]),
    "jcola": (
        lambda s, n: {"uid": n, "source": "X_1999", "label": n % 2, "diacritic": "g", "sentence": text(s, n)},
        ["MCC", "accuracy"],
    ),
    "livedoor": (
        lambda s, n: {"url": "", "date": "", "title": text(s, n), "content": "本文", "category": NEWS[n % 9]},
        ["accuracy"],
    ),
    "covid-tweets": (
        lambda s, n: {"tweet_id": f"{n}", "text": text(s, n), "assessment_option_id": ["63", "64", "65", "67"][n % 4]},
        ["accuracy"],
    ),
}


def files(folder: Path, rows: Rows, **sizes: int) -> list[str]:
    """JSON Lines of every role, and the overrides that name them."""
    for role, size in sizes.items():
        lines = [json.dumps(rows(role, number), ensure_ascii=False) for number in range(size)]
        (folder / f"{role}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    gold = "gold.jsonl" if "gold" in sizes else "null"
    named = [f"++data.languages.ja.{role}={role}.jsonl" for role in sizes if role != "gold"]
    return ["data=files", f"data.gold={gold}", "data.gold_language=ja", *named]


def small(student: Path) -> list[str]:
    """Settings that keep a run short."""
    return [
        "backend=scripted",
        "prompting.prompts=36",
        "prompting.shots=1",
        f"student.model.name={student}",
        "student.model.wheel=null",
        "student.layers=null",
        "student.trainable_layers=1",
        "student.epochs=1",
        "student.dtype=float32",
        "stopping.min_new_fraction=0",
        "filter.tolerance=2.5",
    ]


@pytest.mark.parametrize("task", TASKS)
def test_each_task_completes_with_its_own_metrics(task: str, tiny_gemma: Path, tmp_path: Path) -> None:
    rows, metrics = TASKS[task]
    compared = "comparison.systems=[zero_shot_llm,few_shot_llm,synthetic_alone]"
    data = files(tmp_path, rows, gold=36, exemplars=36, dev=18, test=27)
    run_pipeline(tmp_path, [f"task={task}", *data, *small(tiny_gemma), compared])
    scores = json.loads((tmp_path / "metrics/rounds/0/scores.json").read_text(encoding="utf-8"))
    assert set(scores["test"]["ja"]) == {metric.lower() for metric in metrics} | {"examples"}
    assert scores["test"]["ja"]["examples"] == 27
    summary = (tmp_path / "reports/summary.md").read_text(encoding="utf-8")
    page = (tmp_path / "reports/index.html").read_text(encoding="utf-8")
    for metric in metrics:
        assert f"test {metric}" in summary and metric in page
    systems = {
        system["system"] for system in json.loads((tmp_path / "metrics/intervals.json").read_text("utf-8"))["systems"]
    }
    assert {"baseline", "zero_shot_llm", "few_shot_llm"} <= systems
    diversity = json.loads((tmp_path / "metrics/diversity.json").read_text(encoding="utf-8"))
    assert {"all", "with task words", "without task words"} == set(diversity["ja"]["sets"])
    assert "with task words" in page


def test_without_gold_the_labelers_of_round_1_are_cross_fitted(tiny_gemma: Path, tmp_path: Path) -> None:
    rows, _ = TASKS["jcola"]
    data = files(tmp_path, rows, dev=18, test=18)
    zero_shot = ["prompting.shots=0", "prompting.words_share=0"]
    run_pipeline(tmp_path, ["task=jcola", *data, *small(tiny_gemma), *zero_shot])
    student = tmp_path / "models/students/round-0"
    assert {path.name for path in (student / "folds").iterdir()} == {"fold-0", "fold-1"}
    assert not (tmp_path / "models/release/folds").exists()
    curve = json.loads((tmp_path / "data/rounds/0/curve.json").read_text(encoding="utf-8"))
    assert {entry["phase"] for entry in curve} == {"synthetic"}
    counts = json.loads((tmp_path / "metrics/rounds/1/silver.json").read_text(encoding="utf-8"))["ja"]
    assert 0 <= counts["silver"] <= counts["synthetic"]


@pytest.mark.parametrize(
    ("task", "spoil", "message"),
    [
        ("jnli", lambda row: {**row, "label": "neutrale"}, r"gold\.jsonl.*'neutrale'.*task\.labels"),
        ("jsts", lambda row: {**row, "label": 7.5}, r"gold\.jsonl.*7\.5"),
        ("jcola", lambda row: {**row, "label": 1}, r"gold.*'acceptable'"),
        ("livedoor", lambda row: {"headline": row["title"], "category": row["category"]}, r"'title'.*headline"),
    ],
)
def test_bad_labels_are_named(
    task: str,
    spoil: Callable[[Row], Row],
    message: str,
    tiny_gemma: Path,
    tmp_path: Path,
) -> None:
    rows, _ = TASKS[task]
    data = files(tmp_path, rows, exemplars=18, dev=18, test=18)
    files(tmp_path, lambda split, number: spoil(rows(split, number)), gold=18)
    data[1] = "data.gold=gold.jsonl"
    with pytest.raises(UserError, match=message):
        run_pipeline(tmp_path, [f"task={task}", *data, *small(tiny_gemma)])


def test_a_label_without_a_wording_is_named(tiny_gemma: Path, tmp_path: Path) -> None:
    rows, _ = TASKS["jnli"]
    data = files(tmp_path, rows, gold=18, exemplars=18, dev=18, test=18)
    overrides = ["task=jnli", *data, *small(tiny_gemma), "~prompting.labels.neutral"]
    with pytest.raises(UserError, match=r"prompting\.labels has.*task\.labels has.*'neutral'"):
        run_pipeline(tmp_path, overrides)
