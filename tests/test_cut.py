"""The stage before the rounds: it ends a run in which a language has no synthetic pair."""

from pathlib import Path

import pytest

from gemquad.errors import UserError
from gemquad.generation.accounting import without_pairs
from gemquad.parquet import read_records, write_records
from gemquad.schema import Completion, SyntheticPair
from gemquad.stages import cut

ROOT = Path(__file__).parents[1]
PAIR = SyntheticPair("es-0", "es", "p", "Ana vive en Lima.", "¿Dónde?", "Lima", 12)


def completion(identifier: str, language: str, outcome: str, text: str = "") -> Completion:
    inf = float("inf")
    return Completion(identifier, [identifier], language, text, outcome, -inf, -inf, 0, 9, 5)


COMPLETIONS = [
    completion("es-0", "es", "ok", "question: ¿Dónde?\nanswer: Lima"),
    completion("hi-0", "hi", "no text"),
    completion("hi-1", "hi", "unfinished", "question: <b>\x1b?"),
    completion("hi-2", "hi", "unfinished", "question: " + "x" * 500),
]
SENTENCE = r"none of 3 prompts gave a synthetic pair \(2 unfinished, 1 no text\); hi-1, for one: 'question: <b>\\x1b\?'"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_records(Path("data/completions.parquet"), Completion, COMPLETIONS)
    write_records(Path("data/synthetic.parquet"), SyntheticPair, [PAIR])
    return tmp_path


def set_params(allow_empty: str, fraction: str) -> None:
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    changed = f"keep_fraction: {fraction}\n  allow_empty: {allow_empty}"
    Path("params.yaml").write_text(text.replace("keep_fraction: 0.3", changed), encoding="utf-8")


@pytest.mark.parametrize("fraction", ["0.3", "1"])
def test_a_language_without_a_pair_ends_the_run_before_training(fraction: str, run: Path) -> None:
    set_params("false", fraction)
    with pytest.raises(UserError, match=rf"^hi: {SENTENCE}\. .*completions\.parquet.*-S \+filter\.allow_empty=true"):
        cut.main()
    assert not Path("data/candidates.parquet").exists()
    set_params("true", fraction)
    cut.main()
    assert read_records(Path("data/candidates.parquet"), SyntheticPair) == [PAIR]


def test_only_a_language_that_was_asked_for_and_gave_nothing_is_told_of() -> None:
    assert without_pairs(COMPLETIONS, [PAIR], "es") == without_pairs(COMPLETIONS, [PAIR], "ta") == []
    (sentence,) = without_pairs(COMPLETIONS, [], "es")
    assert sentence.startswith("none of 1 prompts gave a synthetic pair (1 ok); es-0, for one: ")
