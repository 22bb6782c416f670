"""What a prompt shows, which exemplars it shows, and the settings drawn for it alone."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import question
from gemquad.errors import UserError
from gemquad.generation.prompts import build_prompts
from gemquad.params import Prompting, load_params
from gemquad.schema import Passage, Prompt, Question
from gemquad.tasks.extractive_qa import ExtractiveQA

PARAMS = load_params(Path(__file__).parents[1] / "params.yaml")
PASSAGE = Passage("p", "es", "", "La torre mide cien metros de alto. Se abrió al público en 1920 con fiesta.")
EXEMPLARS = [question(id=f"q{i}", passage=f"Esta es la nota {i}. Ana vive en Lima con Luis.") for i in range(5)]
ONE_SHOT = replace(PARAMS.prompting, shots=1, focus="passage", prompts_per_passage=2)


def build(
    prompting: Prompting = ONE_SHOT,
    exemplars: Sequence[Question] = EXEMPLARS,
    passages: Sequence[Passage] = (PASSAGE,),
    seed: int = 1,
) -> list[Prompt]:
    return build_prompts(exemplars, passages, prompting, PARAMS.sampling, seed, ExtractiveQA())


def test_one_shot_question_first() -> None:
    first, _ = build(exemplars=[EXEMPLARS[0]])
    assert first.text == (
        "Texto: Esta es la nota 0. Ana vive en Lima con Luis.\nPregunta: ¿Dónde vive Ana?\nRespuesta: Lima\n\n"
        f"Texto: {PASSAGE.text}\nPregunta:"
    )
    assert (first.focus_start, first.focus_end) == (0, len(PASSAGE.text))


def test_zero_shot_answer_first() -> None:
    first, _ = build(replace(ONE_SHOT, shots=0, order="answer-first"))
    assert first.text == f"Texto: {PASSAGE.text}\nRespuesta:"
    assert first.exemplar_ids == []


def test_sentence_focus_takes_the_sentences_in_turn() -> None:
    prompts = build(replace(ONE_SHOT, focus="sentence", prompts_per_passage=3))
    shown = [PASSAGE.text[p.focus_start : p.focus_end] for p in prompts]
    assert shown == ["La torre mide cien metros de alto.", "Se abrió al público en 1920 con fiesta.", shown[0]]
    assert prompts[0].text.startswith("Texto: Ana vive en Lima con Luis.\nPregunta:")


def test_settings_are_drawn_per_prompt_within_their_ranges() -> None:
    prompts = build(replace(ONE_SHOT, prompts_per_passage=200))
    assert len({p.seed for p in prompts}) == len({p.id for p in prompts}) == 200
    assert {p.top_k for p in prompts} <= set(range(50, 101)) and len({p.top_k for p in prompts}) > 30
    assert all(0.5 <= p.top_p <= 0.95 for p in prompts)


def test_more_prompts_per_passage_leave_the_first_as_they_are() -> None:
    assert build(replace(ONE_SHOT, prompts_per_passage=5))[:2] == build()


def test_prompts_of_the_same_number_show_the_same_exemplars() -> None:
    """Of one language: what prompts begin with alike is computed once."""
    many = [question(id=f"q{i}", passage=f"Esta es la nota {i}. Ana vive en Lima.") for i in range(30)]
    hindi = [question(id=f"h{i}", passage=f"यह {i} है। Ana vive en Lima.", language="hi") for i in range(30)]
    passages = [replace(PASSAGE, id=f"{language}{i}", language=language) for language in ("es", "hi") for i in range(4)]
    prompts = build(replace(ONE_SHOT, shots=3, prompts_per_passage=6), [*many, *hindi], passages)
    shown = {(p.language, p.id.rsplit("-", 1)[1]): tuple(p.exemplar_ids) for p in prompts}
    assert len(prompts) == 48
    assert all(shown[p.language, p.id.rsplit("-", 1)[1]] == tuple(p.exemplar_ids) for p in prompts)
    assert len(set(shown.values())) == 12
    assert {identifier[0] for (language, _), ids in shown.items() if language == "hi" for identifier in ids} == {"h"}
    assert len({p.seed for p in prompts}) == 48


def test_other_passages_leave_the_exemplars_as_they_are() -> None:
    other = replace(PASSAGE, id="other", text="El río nace en la sierra y corre hacia el mar.")
    first = build(replace(ONE_SHOT, shots=2))
    both = build(replace(ONE_SHOT, shots=2), passages=[other, PASSAGE])
    assert both[2:] == first
    assert [p.exemplar_ids for p in both[:2]] == [p.exemplar_ids for p in first]


def test_another_seed_draws_anew() -> None:
    assert [p.seed for p in build()] != [p.seed for p in build(seed=2)]


def test_exemplars_of_a_prompt_have_different_passages() -> None:
    doubled = [*EXEMPLARS, *(replace(e, id=e.id + "b") for e in EXEMPLARS)]
    for prompt in build(replace(ONE_SHOT, shots=5), doubled):
        assert len({identifier[:2] for identifier in prompt.exemplar_ids}) == 5


def test_too_few_exemplars_are_named() -> None:
    with pytest.raises(UserError, match=r"'es' has exemplars over 5 passage\(s\).*shots=5"):
        build(replace(ONE_SHOT, shots=6))


def test_a_language_without_labels_is_named() -> None:
    with pytest.raises(UserError, match=r"prompting\.labels has no"):
        build(replace(ONE_SHOT, labels={"hi": ["अ", "ब", "स"]}))
