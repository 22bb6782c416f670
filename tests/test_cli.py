import json
import subprocess
import sys
from pathlib import Path

import pytest

from gemquad.errors import UserError
from gemquad.scoring.files import score_file


def gemquad(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gemquad.cli", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


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
    ],
)
def test_bad_score_files_are_named(tmp_path: Path, document: object, message: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UserError, match=message):
        score_file(path, with_rows=False)


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
