"""`gemquad check`: everything that is wrong with one's own files, at once and before a run."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer import Exit

from conftest import ROOT
from gemquad.check.enough import too_little, too_little_silver
from gemquad.commands.check import check
from gemquad.files import read_json
from gemquad.sources.faults import Faults
from gemquad.sources.squad import read_questions

PASSAGE = "Ana vive en {}, al sur de todo lo demás."


def question(number: int, place: str, **more: Any) -> dict[str, Any]:
    answers = [{"text": place, "answer_start": 12}]
    return {"id": f"q{number}", "question": f"¿Dónde {number}?", "answers": answers, **more}


def squad(folder: Path, name: str, *qas: dict[str, Any], place: str = "Lima", times: int = 1) -> Path:
    """A file of `times` passages over places, or one with these questions."""
    places = [place if number == 0 else f"{place}{number}" for number in range(times)]
    paragraphs = [
        {"context": PASSAGE.format(one), "qas": list(qas) or [question(number, one)]}
        for number, one in enumerate(places)
    ]
    path = folder / name
    path.write_text(json.dumps({"data": [{"title": "t", "paragraphs": paragraphs}]}), encoding="utf-8")
    return path


def run(*words: str | Path, fix: bool = False) -> int:
    with pytest.raises(Exit) as ended:
        check([str(word) for word in words], fix=fix)
    return ended.value.exit_code


@pytest.fixture(autouse=True)
def in_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture
def own(tmp_path: Path) -> dict[str, Path]:
    """Sound files in every role; the places differ from role to role, so that no passage stands in two."""
    return {
        role: squad(tmp_path, f"{role}.json", place=place, times=times)
        for role, place, times in (
            ("gold", "Lima", 120),
            ("exemplars", "Cusco", 4),
            ("passages", "Quito", 100),
            ("dev", "Ibarra", 110),
            ("test", "Loja", 110),
        )
    }


def settings(files: dict[str, Path]) -> list[str]:
    roles = ", ".join(f"{role}: '{path}'" for role, path in files.items() if role != "gold")
    return ["data=files", "lang=[es]", f"data.gold={files['gold']}", f"+data.languages.es={{{roles}}}"]


def test_the_bundled_sample_has_no_fault_and_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| role | language | sound | used | file |"
    assert lines[2] == "| gold | en | 348 | 348 | data/sample/gold.en.json |"
    assert lines[-1] == "no fault" and not [line for line in lines if "warning" in line]


@pytest.mark.parametrize("task", ["marc-ja", "jnli"])
def test_so_have_the_samples_of_labelled_texts(task: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"task={task}", f"data={'sample-reviews' if task == 'marc-ja' else 'sample-nli'}") == 0
    out = capsys.readouterr().out
    assert "no fault" in out and "warning: dev-ja: 60 sound rows" in out


def test_every_fault_of_every_file_is_shown_by_kind_and_nothing_is_written(
    own: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"answers": [{"text": "Lima", "answer_start": 11}]}
    squad(tmp_path, "gold.json", *(question(n, "Lima", **wrong) for n in range(5)), question(0, "Lima"))
    squad(tmp_path, "dev.json", question(1, "Ibarra", answers=[]), {**question(2, "Ibarra"), "id": None})
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert run(*settings(own)) == 1
    out = capsys.readouterr().out
    assert (
        f"{own['gold']} (gold en): 6 faults\n"
        "  5 × answer not at its offset (--fix mends 5)\n"
        "      data[0].paragraphs[0].qas[0].answers[0] (id 'q0'): answer 'Lima' is not at answer_start 11 (there: ' Lim'); it "
        "stands at 12\n"
    ) in out
    assert "      … 2 more\n    → Offsets count Unicode code points of the raw passage\n" in out
    assert "  1 × id used twice\n      data[0].paragraphs[0].qas[5]: id 'q0' is used before, at data[0].par" in out
    assert (
        f"{own['dev']} (dev es): 2 faults\n" in out
        and "  1 × no answer\n" in out
        and "  1 × answer not in the passage\n" in out
    )
    assert f"{own['dev']} (dev es): 1 × no id, which a run mends as it reads, and --fix in the file" in out
    assert out.splitlines()[-1] == "8 faults of 4 kinds; the same command with --fix writes new files, 5 of them mended"
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_leaks_missing_roles_and_small_sets_are_told_together(
    own: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    squad(tmp_path, "dev.json", place="Quito", times=20)
    squad(tmp_path, "test.json", place="Cusco", times=110)
    given = settings({role: path for role, path in own.items() if role != "exemplars"})
    assert run(*given, "data.limits.test=9") == 1
    out = capsys.readouterr().out
    assert "fault: language 'es' has no exemplars" in out
    assert "fault: passages and dev share texts (20 identical" in out
    assert (
        "warning: dev-es: 20 sound rows, so that a score is known to roughly ±22 points; with 100 it is ±10, with 400 ±5"
        in out
    )
    assert f"| test | es | 110 | 9 | {own['test']} |" in out
    assert out.splitlines()[-1] == "2 faults of the settings"


def test_what_prompt_would_refuse_is_told_and_how_much_silver_is_to_be_expected(
    own: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*settings(own), "data.limits.passages=10") == 0
    assert (
        "warning: 60 prompts, from which roughly 13 candidates and 2 silver pairs are to be" in capsys.readouterr().out
    )
    assert run(*settings(own), "data.limits.exemplars=2") == 1
    assert "fault: language 'es' has exemplars over 2 passage(s), prompting.shots asks for 4" in capsys.readouterr().out


def test_a_file_that_is_missing_or_no_json_hides_nothing_else(
    own: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    own["gold"].unlink()
    own["dev"].write_text('{"data": [', encoding="utf-8")
    assert run(*settings(own)) == 1
    out = capsys.readouterr().out
    assert f"{own['gold']} (gold en): 1 fault\n  1 × cannot be read\n      {own['gold']} does not exist" in out
    assert f"{own['dev']} (dev es): 1 fault\n" in out and "not JSON" in out


def test_labels_that_are_missing_and_unknown_have_their_own_remedies(tmp_path: Path, capsys: Any) -> None:
    table = tmp_path / "reviews.csv"
    table.write_text("review_id,text,label\n1,良い,positive\n2,悪い,negativ\n3,三,-1\n4,四,\n", encoding="utf-8")
    assert run("task=marc-ja", "data=sample-reviews", f"data.gold={table}") == 1
    out = capsys.readouterr().out
    assert (
        f"{table} (gold ja): 3 faults\n  2 × label missing or unknown\n      line 4 (id '3'): the label is missing"
        in out
    )
    assert (
        "→ Give it one, or remove the row\n  1 × label missing or unknown\n      line 3 (id '2'): label 'negativ'"
        in out
    )
    assert "→ Add it to task.labels (conf/task), or correct the row\n" in out and "A classifier needs two" not in out


def test_gold_from_which_nothing_can_be_learnt_is_a_fault_of_the_settings(tmp_path: Path, capsys: Any) -> None:
    table = tmp_path / "reviews.csv"
    table.write_text("review_id,text,label\n1,良い,positive\n2,悪い,positive\n", encoding="utf-8")
    assert run("task=marc-ja", "data=sample-reviews", f"data.gold={table}") == 1
    out = capsys.readouterr().out
    assert "fault: data.gold: all 2 examples are of the class 'positive'." in out and out.endswith(
        "1 fault of the settings\n"
    )


def test_what_is_still_on_the_hub_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("data.gold=hub:squad") == 0
    assert "gold: on the hub, not checked. `dvc repro fetch` brings it" in capsys.readouterr().out


def test_fix_writes_new_files_and_says_which_settings_use_them(
    own: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    squad(tmp_path, "dev.json", place="Ibarra", times=110)
    text = own["dev"].read_text(encoding="utf-8").replace('"answer_start": 12', '"answer_start": 13')
    own["dev"].write_text(text, encoding="utf-8")
    own["gold"].write_bytes(b"\xef\xbb\xbf" + own["gold"].read_bytes())
    before = own["dev"].read_bytes()
    assert run(*settings(own), fix=True) == 0
    out = capsys.readouterr().out
    dev, gold = tmp_path / "dev.fixed.json", tmp_path / "gold.fixed.json"
    assert f"{dev}: {own['dev']}, mended\n  110 × offsets moved to the only place of the answer\n" in out
    assert f"{gold}: {own['gold']}, mended\n  1 × byte order mark removed\n" in out
    assert f"and these: data.gold={gold} ++data.languages.es.dev={dev}" in out
    assert own["dev"].read_bytes() == before
    assert len(read_questions(dev, "es")) == 110
    assert run(*settings(own), f"data.gold={gold}", f"++data.languages.es.dev={dev}") == 0


def test_fix_overwrites_nothing(own: dict[str, Path], tmp_path: Path) -> None:
    wrong = [{"text": " Lima", "answer_start": 11}]
    file, other = (squad(tmp_path, name, question(0, "Lima", answers=wrong)) for name in ("a.json", "b.json"))
    (tmp_path / "b.fixed.json").write_text("mine", encoding="utf-8")
    with pytest.raises(Exception, match=r"b\.fixed\.json exists and is not overwritten\. Move or delete it"):
        check([str(file), str(other)], fix=True)
    assert (tmp_path / "b.fixed.json").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "a.fixed.json").exists()


def test_what_cannot_be_mended_is_left_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = squad(tmp_path, "a.json", question(0, "Lima", answers=[{"text": "Quito", "answer_start": 1}]))
    assert run(file, fix=True) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "nothing is mended: nothing can be without guessing"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_file_of_passages_needs_no_setting(own: dict[str, Path], tmp_path: Path, capsys: Any) -> None:
    bare = tmp_path / "bare.json"
    bare.write_text(json.dumps({"data": [{"paragraphs": [{"context": "Ana vive en Lima."}]}]}), encoding="utf-8")
    assert run(bare) == 0
    assert f"| as passages | en | 1 | 1 | {bare} |" in capsys.readouterr().out


def test_ten_kinds_of_faults_are_all_found_in_one_reading(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import check as benchmark

    path = tmp_path / "gold.json"
    path.write_text(json.dumps(benchmark.faulty(rows=2000, each=30)), encoding="utf-8")
    faults = Faults(path)
    assert len(read_questions(path, "en", faults)) == 1700
    assert Counter(fault.kind for fault in faults.refused) == dict.fromkeys(benchmark.KINDS, 30)
    assert len(benchmark.KINDS) == 10 and read_json(path)["data"]


@pytest.mark.parametrize(
    ("role", "rows", "said"),
    [
        ("dev", 99, "±10 points"),
        ("test", 25, "±20 points"),
        ("dev", 100, ""),
        ("gold", 99, "hardly learns"),
        ("gold", 100, ""),
        ("exemplars", 4, ""),
    ],
)
def test_too_little_is_said_with_what_it_means(role: str, rows: int, said: str) -> None:
    (sentence,) = [*too_little(f"{role}-es", role, rows)] or [""]
    assert said in sentence and bool(said) == bool(sentence)


def test_silver_is_enough_from_thirty_pairs() -> None:
    assert [*too_little_silver(267, 1.0)] == []
    assert "266 prompts, from which roughly 199 candidates and 29 silver pairs" in "".join(too_little_silver(266, 1.0))
