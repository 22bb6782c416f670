"""The generator itself solves a task: through a scripted one, whose likelihoods are known, and through a tiny real one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import labelled, prompter_of, question
from gemquad.errors import UserError
from gemquad.generation.backends.in_process import TransformersBackend
from gemquad.generation.backends.scripted import ScriptedBackend
from gemquad.generation.engine import Engine
from gemquad.generation.prompted_answers import prompted_answers
from gemquad.generation.store import CompletionStore
from gemquad.params import ModelSource, load_params
from gemquad.tasks.answers import Answer
from task_sections import wording_of

PARAMS = load_params(Path(__file__).parents[1] / "params.yaml")
GENERATION = replace(PARAMS.generation, dtype="float32")
COLUMNS = {"text": "a", "second": "b", "label": "label"}
CLASSES = {
    "name": "c",
    "kind": "pair_classification",
    "labels": {"yes": "1", "no": "0", "maybe": "2"},
    "metrics": ["mcc"],
}
NUMBERS = {"name": "n", "kind": "pair_similarity", "range": [0, 5], "metrics": ["pearson"]}
EXAMPLES = [labelled("a", "Ana vive en Lima", "Ana vive"), labelled("b", "Luis corre", "Luis")]


class JudgelessBackend(ScriptedBackend):
    capabilities = replace(ScriptedBackend.capabilities, likelihoods=False)


def prompter(task: dict[str, Any], answers: dict[str, str]) -> Any:
    labels = {label: {"wanted": label, "answer": answer} for label, answer in answers.items()}
    return prompter_of({**task, "columns": COLUMNS}, {**wording_of(()), "labels": labels}, GENERATION)


@pytest.fixture
def scripted(tmp_path: Path) -> Engine:
    """Whose log-probability of a text is how short it is, negative."""
    return Engine(ScriptedBackend(), CompletionStore(tmp_path / "completions.db"))


def test_the_likeliest_label_answers_each_example_in_order(scripted: Engine) -> None:
    shortest_is_no = prompter(CLASSES, {"yes": "certainly", "no": "no", "maybe": "perhaps"})
    answers = prompted_answers(EXAMPLES, [], scripted, shortest_is_no)
    assert [(one.text, one.start) for one in answers] == [("no", -1), ("no", -1)]
    assert all(0.99 < one.confidence < 1 for one in answers)
    (holding,) = scripted.store.holdings()
    assert (holding.completions, holding.requests) == (6, 6), "three labels for each of two examples"


def test_a_number_is_expected_under_all_likelihoods(scripted: Engine) -> None:
    even = prompter(NUMBERS, {"0": "a", "1": "b", "5": "c"})
    assert prompted_answers(EXAMPLES, [], scripted, even) == [Answer("2.0000", -1, 1.0)] * 2


def test_questions_are_answered_with_pieces_of_their_passages(scripted: Engine) -> None:
    own = prompter_of(PARAMS.task, PARAMS.prompting, GENERATION)
    asked = [question(f"Nota {i}: Ana vive en Lima.", "Lima", id=f"q{i}") for i in range(5)]
    exemplars = [question("Luis vive en Cusco.", "Cusco")]
    answers = prompted_answers(asked, exemplars, scripted, own)
    for example, answer in zip(asked, answers, strict=True):
        assert answer.text and answer.start >= 0 and answer.confidence == 1.0
        assert example.passage[answer.start :].startswith(answer.text)


def test_what_was_asked_before_is_not_asked_again(scripted: Engine) -> None:
    own = prompter(CLASSES, {"yes": "yes", "no": "no", "maybe": "maybe"})
    first = prompted_answers([*EXAMPLES, EXAMPLES[0]], [], scripted, own)
    assert first[0] == first[2]
    assert prompted_answers(EXAMPLES, [], scripted, own) == first[:2]
    assert [(h.completions, h.requests, h.hits) for h in scripted.store.holdings()] == [(6, 15, 6)]


def test_labels_need_likelihoods_and_questions_do_not(tmp_path: Path) -> None:
    judgeless = Engine(JudgelessBackend(), CompletionStore(tmp_path / "completions.db"))
    own = prompter(CLASSES, {"yes": "yes", "no": "no", "maybe": "maybe"})
    with pytest.raises(UserError, match="needs the likelihood of each label; the backend 'scripted' cannot tell it"):
        prompted_answers(EXAMPLES, [], judgeless, own)
    assert judgeless.store.holdings() == []
    assert (
        len(prompted_answers([question()], [], judgeless, prompter_of(PARAMS.task, PARAMS.prompting, GENERATION))) == 1
    )


def test_a_real_model_answers_with_the_label_it_finds_likeliest(tiny_gemma: Path, tmp_path: Path) -> None:
    backend = TransformersBackend(ModelSource(str(tiny_gemma)), GENERATION)
    own = prompter(CLASSES, {"yes": "Ana", "no": "Lima", "maybe": "vive en"})
    exemplars = [labelled("e", "Ana corre", "Ana", "yes"), labelled("f", "Luis vive", "Lima", "no")]
    answers = prompted_answers(EXAMPLES, exemplars, Engine(backend, CompletionStore(tmp_path / "completions.db")), own)
    for example, answer in zip(EXAMPLES, answers, strict=True):
        requests = own.solve_requests(example, exemplars)
        ((_, judged),) = backend.run([requests])
        best = max(range(3), key=lambda i: judged[i].logprob)
        assert answer.text == ["yes", "no", "maybe"][best]
        assert 1 / 3 <= answer.confidence <= 1
