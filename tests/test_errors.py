import subprocess
import sys
from pathlib import Path

import pytest

from gemquad.errors import UserError, exit_on_user_error


def fail(error: Exception) -> None:
    raise error


def test_a_users_mistake_is_one_line() -> None:
    with pytest.raises(SystemExit, match=r"^error: row 3 has no text\. Give it one\.$"):
        exit_on_user_error(lambda: fail(UserError("row 3 has no text. Give it one.")))


def test_a_failure_of_the_file_system_says_where_to_look() -> None:
    with pytest.raises(SystemExit, match=r"disk is full: 'a\.json'\. Check that the path exists"):
        exit_on_user_error(lambda: fail(OSError(28, "disk is full", "a.json")))


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("id '\x1b[2J\x9b' is used.", r"error: id '\x1b[2J\x9b' is used."),
        ("a\r\nb\u2028c\u202e.", r"error: a\r\nb\u2028c\u202e."),
        ("half \ud83d, NUL \0, हिन्दी\u200c.", r"error: half \ud83d, NUL \x00, हिन्दी" + "\u200c."),
    ],
)
def test_nothing_in_a_message_moves_the_cursor(message: str, said: str) -> None:
    with pytest.raises(SystemExit) as ended:
        exit_on_user_error(lambda: fail(UserError(message)))
    assert ended.value.code == said


@pytest.mark.parametrize("error", [UserError(f"a.json: {'b' * 9000} is odd. Mend it."), OSError(2, "x", "\x1b" * 9000)])
def test_a_message_has_at_most_2000_characters_its_beginning_and_its_end_among_them(error: Exception) -> None:
    with pytest.raises(SystemExit) as ended:
        exit_on_user_error(lambda: fail(error))
    said = str(ended.value.code)
    assert (
        1800 < len(said) < 2000
        and said.startswith("error: ")
        and said.endswith((" is odd. Mend it.", "same command again."))
    )


def test_ctrl_c_is_one_line_with_its_own_status(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        exit_on_user_error(interrupted)
    assert ended.value.code == 130
    assert capsys.readouterr().err == (
        "interrupted; everything finished is kept, completions and checkpoints too; the same command goes on from there\n"
    )


@pytest.mark.parametrize("command", [["compose", "--help"], ["--version"], ["doctor"]])
def test_a_reader_that_leaves_hears_nothing(command: list[str], tmp_path: Path) -> None:
    """`true` reads nothing, so whatever is printed meets a closed pipe, now or when Python exits."""
    program = [sys.executable, "-m", "gemquad.cli", *command]
    reader = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    reader.wait()
    done = subprocess.run(program, stdout=reader.stdin, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False)
    assert not done.stderr
