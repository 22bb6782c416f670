"""Without a name in Git, DVC ends an experiment with an unexpected error; it is said before."""

import subprocess
from pathlib import Path

import pytest

from gemquad.doctor.checks import _dvc
from gemquad.errors import UserError
from gemquad.monitor.watch import watch
from gemquad.repository.git_identity import require_git_identity


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of somebody whom Git does not know."""
    for name in ("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_experiment_is_not_begun_for_a_stranger(stranger: Path) -> None:
    with pytest.raises(UserError, match=r"Git knows no name and e-mail .* git config --global user\.name NAME"):
        watch(["dvc", "exp", "run", "-n", "first"])
    assert not (stranger / ".gemquad").exists()


def test_doctor_says_so(stranger: Path) -> None:
    (found,) = _dvc(stranger)
    assert (found.level, found.topic) == ("warn", "Git")
    assert found.found == "Git knows no name and e-mail for the commits in which DVC keeps experiments"
    assert found.advice.startswith("Tell it once: git config --global user.name")


def test_a_name_in_the_settings_or_in_the_environment_is_enough(
    stranger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as one:
        one.setenv("GIT_COMMITTER_NAME", "Ana")
        one.setenv("GIT_COMMITTER_EMAIL", "ana@example.org")
        require_git_identity(stranger)
    subprocess.run(["git", "config", "user.name", "Ana"], check=True)
    with pytest.raises(UserError):
        require_git_identity(stranger)
    subprocess.run(["git", "config", "user.email", "ana@example.org"], check=True)
    require_git_identity(stranger)
