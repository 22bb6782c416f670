from pathlib import Path

import pytest

from conftest import question
from gemquad.errors import UserError
from gemquad.params import Data
from gemquad.records import write_records
from gemquad.schema import Passage, Question
from gemquad.sources.roles import gather

FILES: dict[str, str | None] = {"es": "x", "hi": "x", "yo": None}


def read_folder(folder: Path, *, translated: str = "Traducido: Lima.") -> Path:
    """What the stage `read` leaves, one question or passage per file; each role has a text of its own."""
    texts = {"exemplars": "Un ejemplo de Lima.", "dev": "Para elegir, Lima.", "test": "Para medir, Lima."}
    for language in ("es", "hi"):
        for role, text in (texts | {"translated": translated}).items():
            write_records(
                folder / f"{role}-{language}.parquet", Question, [question(f"{language}: {text}", language=language)]
            )
        passage = Passage("p", language, "", f"Un texto ({language}).")
        write_records(folder / f"passages-{language}.parquet", Passage, [passage])
    write_records(folder / "gold.parquet", Question, [question("Gold: Lima.", language="en")])
    return folder


def data(translated: dict[str, str | None]) -> Data:
    return Data("files", "x", "en", FILES, FILES, FILES, FILES, translated=translated)


def test_translated_gold_is_there_for_the_trained_languages_that_have_it(tmp_path: Path) -> None:
    folder = read_folder(tmp_path)
    assert [q.language for q in gather(folder, data({"es": None, "hi": "x"}), ["es", "hi"]).translated] == ["hi"]
    assert [q.language for q in gather(folder, data({"es": "x", "hi": "x"}), ["hi"]).translated] == ["hi"]
    assert gather(folder, data({}), ["es", "hi"]).translated == []


def test_test_holds_every_language_and_the_rest_those_to_train(tmp_path: Path) -> None:
    roles = gather(read_folder(tmp_path), data({}), ["hi"])
    assert [q.language for q in roles.test] == ["es", "hi"]
    assert [r.language for r in [*roles.exemplars, *roles.passages, *roles.dev]] == ["hi", "hi", "hi"]


def test_translated_gold_may_not_hold_a_test_passage(tmp_path: Path) -> None:
    folder = read_folder(tmp_path, translated="Para medir, Lima.")
    with pytest.raises(UserError, match="translated"):
        gather(folder, data({"es": "x"}), ["es"])


def test_a_language_without_a_role_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"language 'yo' has no exemplars .*passages are there for: es, hi"):
        gather(tmp_path, data({}), ["yo"])
