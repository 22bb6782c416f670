import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from gemquad.cli import app
from gemquad.errors import UserError
from gemquad.scoring.files import score_file


def gemquad(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gemquad.cli", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def words(ctx_command: str, *arguments: str) -> dict[str, Any]:
    """What a command line gives to the function of the command."""
    command = typer.main.get_command(app).commands[ctx_command]
    return command.make_context(ctx_command, list(arguments)).params


def test_score_prints_one_json_object(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "prediction": "la casa roja", "references": ["casa"]},
        {"id": "b", "prediction": "Lima", "references": ["Cusco", "lima."]},
    ]
    (tmp_path / "file.json").write_text(json.dumps({"language": "es", "rows": rows}), encoding="utf-8")
    done = gemquad("score", "file.json", "--rows", cwd=tmp_path)
    result = json.loads(done.stdout)
    assert result["f1"] == pytest.approx(100 * (2 / 3 + 1) / 2)
    assert result["exact_match"] == 50.0
    assert result["rows"][1] == {"id": "b", "f1": 1.0, "exact_match": 1.0}
    assert "rows" not in json.loads(gemquad("score", "file.json", cwd=tmp_path).stdout)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], 'expected an object with "language"'),
        ({"language": "spanish", "rows": []}, "'spanish' is no language code .* nearest: es"),
        ({"language": "es", "rows": []}, '"rows" is missing or empty'),
        ({"language": "es", "rows": [{"references": ["a"]}]}, r'rows\[0\]: "prediction"'),
        ({"language": "es", "rows": [{"prediction": "a", "references": []}]}, r'rows\[0\]: "references"'),
        ({"language": "e" * 5000, "rows": []}, "^.{0,400}is no language code"),
        *(
            ({"language": "es", "rows": [{"id": "a", "prediction": "b", "references": ["c"], **odd}]}, message)
            for odd, message in (
                ({"id": "\ud83d"}, r"rows\[0\]: holds a half of a surrogate pair \(U\+D83D at offset 0\)"),
                ({"id": "\x1b[2J"}, r"rows\[0\]: holds a control character \(U\+001B"),
                ({"prediction": "\u202eb"}, r"rows\[0\]: holds a control character \(U\+202E"),
                ({"references": ["c", "\x00"]}, r"rows\[0\]: holds a control character \(U\+0000"),
                ({"id": float("nan")}, "not JSON .NaN is no finite number"),
                ({"id": [1]}, r'rows\[0\]: "id" is \[1\], neither a string nor a whole number'),
            )
        ),
    ],
)
def test_bad_score_files_are_named(tmp_path: Path, document: object, message: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UserError, match=message):
        score_file(path, with_rows=False)


def test_a_score_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(b'\xef\xbb\xbf{"language": "es", "rows": [{"prediction": "Lima", "references": ["Lima"]}]}')
    assert score_file(path, with_rows=False) == {"f1": 100.0, "exact_match": 100.0}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["score", "none.json"], "none.json does not exist"),
        (["summary"], "make repro"),
        (["ui"], "make repro"),
        (["cache"], "nothing has been generated"),
        (["estimate"], "params.yaml does not exist"),
    ],
)
def test_a_users_mistake_is_one_line_and_a_failure(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = gemquad(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert message in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dif", "HEAD"], "No such command 'dif'. Did you mean 'diff'?"),
        (["diff", "HEAD", "--exampels", "3"], "Possible options: --examples"),
        (["diff"], "Missing argument 'A'"),
        (["diff", "HEAD", "--examples", "-1"], "'--examples'"),
        (["ui", "--port", "70000"], "'--port'"),
        (["estimate", "--sample", "many"], "'--sample'"),
    ],
)
def test_a_wrong_command_line_is_status_2_and_the_nearest_is_named(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    done = gemquad(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr and "Traceback" not in done.stderr


def test_all_words_after_watch_are_those_of_the_command_that_it_runs() -> None:
    given = ["dvc", "exp", "run", "-n", "first", "-S", "lang=[es]", "--queue", "--help", "--", "-x"]
    assert words("watch", *given)["words"] == given
    assert words("watch", "--", "dvc", "repro")["words"] == ["dvc", "repro"]
    assert not words("watch")["words"]


def test_values_may_begin_with_a_dash_and_hold_brackets() -> None:
    assert words("compose", "lang=[es,hi]", "~a.b")["overrides"] == ["lang=[es,hi]", "~a.b"]
    asked = words("predict", "--question", "-5 o 5?", "--passage", "--- [a=b] ---")
    assert (asked["question"], asked["passage"]) == ("-5 o 5?", "--- [a=b] ---")


def test_help_shows_commands_options_and_examples_as_they_are(tmp_path: Path) -> None:
    told = gemquad("--help", cwd=tmp_path).stdout
    assert "  predict      Ask a student: one example, the rows of a file, or JSON Lines" in told
    told = gemquad("compose", "--help", cwd=tmp_path).stdout
    assert "\n    gemquad compose lang=es 'comparison.systems=[random,combined]'\n" in told
    assert gemquad("--version", cwd=tmp_path).stdout.startswith("gemquad 0.")


def test_help_loads_nothing_heavy() -> None:
    program = "import sys\nfrom gemquad.cli import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program, "--help"], capture_output=True, text=True, check=True)
    heavy = {"rich", "torch", "numpy", "pandas", "pyarrow", "transformers", "mlflow", "dvc", "yaml", "pydantic.main"}
    assert not heavy & set(done.stderr.split())


def test_a_command_finds_the_root_from_a_folder_below_and_its_files_from_there(tmp_path: Path) -> None:
    """As Git's do; outside of a checkout nothing changes."""
    for name in ("dvc.yaml", "conf/config.yaml", "reports/summary.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("the table" if "summary" in name else "", encoding="utf-8")
    below = tmp_path / "data/own"
    below.mkdir(parents=True)
    assert "the table" in gemquad("summary", cwd=below).stdout
    file = below / "answers.json"
    file.write_text('{"language": "es", "rows": [{"prediction": "Lima", "references": ["Lima"]}]}', encoding="utf-8")
    assert json.loads(gemquad("score", "answers.json", cwd=below).stdout) == {"f1": 100.0, "exact_match": 100.0}
    assert "data/own/none.json does not exist" in gemquad("score", "none.json", cwd=below).stderr
    asked = ("predict", "--question", "¿?", "--passage", "Ana")
    assert gemquad(*asked, cwd=below).stderr.startswith("error: models/best"), "a default is found from the root"
    (tmp_path / "dvc.yaml").unlink()
    assert "reports/summary.md does not exist" in gemquad("summary", cwd=below).stderr
