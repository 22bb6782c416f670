from dataclasses import replace
from pathlib import Path

import pytest

from conftest import question
from gemquad.errors import UserError
from gemquad.params import Data, LanguageFiles
from gemquad.parquet import write_records
from gemquad.schema import LabelledText, Passage, Question
from gemquad.sources.roles import gather
from gemquad.tasks.loading import load_saved_task

EVERY = LanguageFiles(exemplars="x", passages="x", dev="x", test="x")
JAPANESE = LanguageFiles(exemplars="x", dev="x", test="x")
SQUAD = load_saved_task({"name": "extractive_qa", "kind": "extractive_qa"}).format
PAIRS = load_saved_task(
    {
        "name": "pairs",
        "kind": "pair_classification",
        "labels": {"yes": "1", "no": "0"},
        "columns": {"text": "a", "second": "b", "label": "label"},
        "metrics": ["accuracy"],
    }
).format
LABELLED = Data("files", "x", "ja", {"ja": JAPANESE})


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


def labelled_folder(folder: Path, **texts: tuple[str, str]) -> Path:
    """The same of pairs of texts in Japanese, one to a role."""
    given = {role: (f"{role}の文。", "別の文。") for role in ("exemplars", "dev", "test", "gold")} | texts
    for role, (text, second) in given.items():
        path = folder / ("gold.parquet" if role == "gold" else f"{role}-ja.parquet")
        write_records(path, LabelledText, [LabelledText(role, "ja", text, second, "yes")])
    return folder


def data(translated: dict[str, str | None]) -> Data:
    trained = {language: replace(EVERY, translated=translated.get(language)) for language in ("es", "hi")}
    return Data("files", "x", "en", {**trained, "yo": LanguageFiles()})


def test_translated_gold_is_there_for_the_trained_languages_that_have_it(tmp_path: Path) -> None:
    folder = read_folder(tmp_path)
    assert [q.language for q in gather(folder, data({"es": None, "hi": "x"}), ["es", "hi"], SQUAD).translated] == ["hi"]
    assert [q.language for q in gather(folder, data({"es": "x", "hi": "x"}), ["hi"], SQUAD).translated] == ["hi"]
    assert gather(folder, data({}), ["es", "hi"], SQUAD).translated == []


def test_test_holds_every_language_and_the_rest_those_to_train(tmp_path: Path) -> None:
    roles = gather(read_folder(tmp_path), data({}), ["hi"], SQUAD)
    assert [q.language for q in roles.test] == ["es", "hi"]
    assert [r.language for r in [*roles.exemplars, *roles.passages, *roles.dev]] == ["hi", "hi", "hi"]


def test_translated_gold_may_not_hold_a_test_passage(tmp_path: Path) -> None:
    folder = read_folder(tmp_path, translated="Para medir, Lima.")
    with pytest.raises(UserError, match="translated"):
        gather(folder, data({"es": "x"}), ["es"], SQUAD)


def test_a_language_without_a_role_is_named(tmp_path: Path) -> None:
    message = r"language 'yo' has no exemplars \(data\.languages of params\.yaml has them for es, hi\)"
    with pytest.raises(UserError, match=message):
        gather(tmp_path, data({}), ["yo"], SQUAD)
    with pytest.raises(UserError, match=r"language 'ja' has no dev .* has them for no language\)"):
        gather(tmp_path, replace(LABELLED, languages={"ja": LanguageFiles(test="x")}), ["ja"], PAIRS)


def test_questions_need_gold(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"there is no gold .*: -S data\.gold=PATH"):
        gather(read_folder(tmp_path), replace(data({}), gold=None), ["es"], SQUAD)


def test_labelled_texts_have_no_passages(tmp_path: Path) -> None:
    roles = gather(labelled_folder(tmp_path), LABELLED, ["ja"], PAIRS)
    assert [example.id for example in [*roles.gold, *roles.exemplars, *roles.dev, *roles.test]] == [
        *("gold", "exemplars", "dev", "test")
    ]
    assert (roles.passages, roles.translated) == ([], [])


def test_labelled_texts_do_without_gold_and_exemplars(tmp_path: Path) -> None:
    zero_shot = replace(LABELLED, gold=None, languages={"ja": replace(JAPANESE, exemplars=None)})
    roles = gather(labelled_folder(tmp_path), zero_shot, ["ja"], PAIRS)
    assert (roles.gold, roles.exemplars, len(roles.dev), len(roles.test)) == ([], [], 1, 1)


def test_a_pair_and_its_reverse_may_not_stand_in_two_roles(tmp_path: Path) -> None:
    folder = labelled_folder(tmp_path, gold=("犬がいる。", "猫がいる。"), dev=("猫がいる。", "犬がいる。"))
    with pytest.raises(UserError, match=r"gold and dev share texts \(1 identical, 0 nearly"):
        gather(folder, LABELLED, ["ja"], PAIRS)
    gather(folder, replace(LABELLED, allow_overlap=["gold-dev"]), ["ja"], PAIRS)
