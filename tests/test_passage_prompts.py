"""What a prompt about a passage shows and draws, how its completion is read, and how the generator itself is asked."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import pair, question
from gemquad.errors import UserError
from gemquad.generation.store import request_key
from gemquad.params import Generation, load_params
from gemquad.schema import Passage, PassagePrompt, Question, SyntheticPair
from gemquad.tasks.answers import Answer
from gemquad.tasks.extractive_qa.prompt import PassagePrompter
from gemquad.tasks.prompter import PromptSources
from gemquad.tasks.requests import GREEDY, Field, GenerationResult, Request, SamplingSettings
from gemquad.text.spans import Span

PARAMS = load_params(Path(__file__).parents[1] / "params.yaml")
PASSAGE = Passage("p", "es", "", "La torre mide cien metros de alto. Se abrió al público en 1920 con fiesta.")
EXEMPLARS = [question(id=f"q{i}", passage=f"Esta es la nota {i}. Ana vive en Lima con Luis.") for i in range(5)]
ONE_SHOT: Any = replace(PARAMS.prompting, shots=1, focus="passage", prompts_per_passage=2)
GENERATION = replace(PARAMS.generation, max_question_tokens=12, max_answer_tokens=6, require_question_mark=True)
PROMPT = PassagePrompt(
    id="es-x-0",
    language="es",
    passage_id="x",
    passage="Ana vive en Lima. Luis vive en Cusco, no en Lima.",
    focus_start=18,
    focus_end=49,
    exemplar_ids=[],
    text="Texto: Luis vive en Cusco, no en Lima.\nPregunta:",
    temperature=0.7,
    top_k=50,
    top_p=0.9,
    seed=7,
)


def prompter(generation: Generation = GENERATION, **changes: Any) -> PassagePrompter:
    return PassagePrompter(replace(ONE_SHOT, **changes), generation)


def build(
    exemplars: Sequence[Question] = EXEMPLARS,
    passages: Sequence[Passage] = (PASSAGE,),
    seed: int = 1,
    **changes: Any,
) -> list[PassagePrompt]:
    return prompter(**changes).prompts(PromptSources(["es"], exemplars, passages), PARAMS.sampling, seed)


def test_one_shot_question_first() -> None:
    first, _ = build(exemplars=[EXEMPLARS[0]])
    assert first.text == (
        "Texto: Esta es la nota 0. Ana vive en Lima con Luis.\nPregunta: ¿Dónde vive Ana?\nRespuesta: Lima\n\n"
        f"Texto: {PASSAGE.text}\nPregunta:"
    )
    assert (first.focus_start, first.focus_end) == (0, len(PASSAGE.text))


def test_zero_shot_answer_first() -> None:
    first, _ = build(shots=0, order="answer-first")
    assert first.text == f"Texto: {PASSAGE.text}\nRespuesta:"
    assert first.exemplar_ids == []


def test_one_shot_answer_first() -> None:
    first, _ = build(exemplars=[EXEMPLARS[0]], order="answer-first")
    assert first.text == (
        "Texto: Esta es la nota 0. Ana vive en Lima con Luis.\nRespuesta: Lima\nPregunta: ¿Dónde vive Ana?\n\n"
        f"Texto: {PASSAGE.text}\nRespuesta:"
    )


def test_sentence_focus_takes_the_sentences_in_turn() -> None:
    prompts = build(focus="sentence", prompts_per_passage=3)
    shown = [PASSAGE.text[p.focus_start : p.focus_end] for p in prompts]
    assert shown == ["La torre mide cien metros de alto.", "Se abrió al público en 1920 con fiesta.", shown[0]]
    assert prompts[0].text.startswith("Texto: Ana vive en Lima con Luis.\nPregunta:")


def test_settings_are_drawn_per_prompt_within_their_ranges() -> None:
    prompts = build(prompts_per_passage=200)
    assert len({p.seed for p in prompts}) == len({p.id for p in prompts}) == 200
    assert {p.top_k for p in prompts} <= set(range(50, 101)) and len({p.top_k for p in prompts}) > 30
    assert all(0.5 <= p.top_p <= 0.95 for p in prompts)


def test_draws_stay_what_they_are_from_version_to_version() -> None:
    """Another draw would be another key in the store: all completions would be paid for again."""
    assert [(p.id, p.exemplar_ids, p.temperature, p.top_k, p.top_p, p.seed) for p in build()] == [
        ("es-p-0", ["q2"], 0.7, 97, 0.5074, 951449615),
        ("es-p-1", ["q3"], 0.7, 66, 0.7436, 2169242268),
    ]


def test_more_prompts_per_passage_leave_the_first_as_they_are() -> None:
    assert build(prompts_per_passage=5)[:2] == build()


def test_prompts_of_the_same_number_show_the_same_exemplars() -> None:
    """Of one language: what prompts begin with alike is computed once."""
    many = [question(id=f"q{i}", passage=f"Esta es la nota {i}. Ana vive en Lima.") for i in range(30)]
    hindi = [question(id=f"h{i}", passage=f"यह {i} है। Ana vive en Lima.", language="hi") for i in range(30)]
    passages = [replace(PASSAGE, id=f"{language}{i}", language=language) for language in ("es", "hi") for i in range(4)]
    prompts = build([*many, *hindi], passages, shots=3, prompts_per_passage=6)
    shown = {(p.language, p.id.rsplit("-", 1)[1]): tuple(p.exemplar_ids) for p in prompts}
    assert len(prompts) == 48
    assert all(shown[p.language, p.id.rsplit("-", 1)[1]] == tuple(p.exemplar_ids) for p in prompts)
    assert len(set(shown.values())) == 12
    assert {identifier[0] for (language, _), ids in shown.items() if language == "hi" for identifier in ids} == {"h"}
    assert len({p.seed for p in prompts}) == 48


def test_other_passages_leave_the_exemplars_as_they_are() -> None:
    other = replace(PASSAGE, id="other", text="El río nace en la sierra y corre hacia el mar.")
    first = build(shots=2)
    both = build(shots=2, passages=[other, PASSAGE])
    assert both[2:] == first
    assert [p.exemplar_ids for p in both[:2]] == [p.exemplar_ids for p in first]


def test_another_seed_draws_anew() -> None:
    assert [p.seed for p in build()] != [p.seed for p in build(seed=2)]


def test_exemplars_of_a_prompt_have_different_passages() -> None:
    doubled = [*EXEMPLARS, *(replace(e, id=e.id + "b") for e in EXEMPLARS)]
    for prompt in build(doubled, shots=5):
        assert len({identifier[:2] for identifier in prompt.exemplar_ids}) == 5


def test_too_few_exemplars_are_named() -> None:
    with pytest.raises(UserError, match=r"'es' has exemplars over 5 passage\(s\).*shots=5"):
        build(shots=6)


def test_a_language_without_labels_is_named() -> None:
    with pytest.raises(UserError, match=r"prompting\.labels has no"):
        build(labels={"hi": ["अ", "ब", "स"]})


@pytest.mark.parametrize("language", ["zh", "zh-TW", "zh_tw", "zh-Hant-TW", "cmn"])
def test_a_region_tag_changes_no_wording(language: str) -> None:
    own = [replace(exemplar, language=language) for exemplar in EXEMPLARS]
    sources = PromptSources([language], own, [replace(PASSAGE, language=language)])
    first = prompter(labels={"default": ["a", "b", "c"], "zh": ["文章", "问题", "答案"]}).prompts(
        sources, PARAMS.sampling, 1
    )[0]
    assert first.text.startswith("文章: ") and first.text.endswith("\n问题:")


def test_a_request_asks_for_what_the_prompt_shows() -> None:
    generation = replace(GENERATION, answer="sample", stop_logit_bias=1.5)
    assert prompter(generation).request(PROMPT) == Request(
        prompt=PROMPT.text,
        source="Luis vive en Cusco, no en Lima.",
        fields=(
            Field("question", lead="", mode="free", max_tokens=12),
            Field("answer", lead="Respuesta:", mode="extract", max_tokens=6, stop_bias=1.5),
        ),
        settings=SamplingSettings(0.7, 50, 0.9, 7),
    )


def test_a_request_asks_in_the_order_of_the_prompt() -> None:
    generation = replace(GENERATION, constrain_answer=False, answer="greedy", stop_logit_bias=0.0)
    assert prompter(generation, order="answer-first").request(PROMPT).fields == (
        Field("answer", lead="", mode="free", max_tokens=6, greedy=True),
        Field("question", lead="Pregunta:", mode="free", max_tokens=12),
    )


def test_a_request_keeps_its_key_from_version_to_version() -> None:
    identity = {"backend": "transformers", "version": 1, "model": "gemma", "weights": "aa", "dtype": "float32"}
    generation = replace(
        PARAMS.generation, answer="greedy", max_question_tokens=40, max_answer_tokens=12, stop_logit_bias=2.0
    )
    text = "Texto: Ana vive en Lima.\nPregunta:"
    asked = replace(PROMPT, passage="Ana vive en Lima.", focus_start=0, focus_end=17, text=text, seed=13)
    key = request_key(prompter(generation).request(asked), identity)
    assert key == "b3513d4dde503f53879ad5be703290435344bcba5291d1374a79096dd95f1291"


def read(question: str, answer: str, prompt: PassagePrompt = PROMPT, finished: bool = True) -> tuple[str, Any]:
    parsed = prompter().parse(prompt, GenerationResult({"question": question, "answer": answer}, finished=finished))
    return parsed.outcome, parsed.pair


def test_an_answer_is_found_within_the_focus() -> None:
    outcome, one = read(" ¿Dónde no vive Luis?", " lima")
    assert outcome == "ok"
    assert one == SyntheticPair("es-x-0", "es", "x", PROMPT.passage, "¿Dónde no vive Luis?", "Lima", 44)


def test_an_answer_stands_at_the_place_that_the_backend_knows() -> None:
    texts = {"question": "¿Qué hace Luis en Cusco?", "answer": "vive"}
    parsed = prompter().parse(PROMPT, GenerationResult(texts, {"answer": [Span(5, 9)]}, finished=True))
    assert parsed.pair and (parsed.pair.answer, parsed.pair.answer_start) == ("vive", 23)


@pytest.mark.parametrize(
    ("question", "answer", "finished", "outcome"),
    [
        ("¿Dónde vive Luis?", "Cusco", False, "unfinished"),
        ("¿…?", "Cusco", True, "empty question"),
        ("¿Dónde vive Luis?", " ", True, "empty answer"),
        ("Dónde vive Luis", "Cusco", True, "no question mark"),
        ("¿Dónde vive Luis?", "Ana", True, "answer not in passage"),
        ("¿Dónde vive Luis?", "Cusco", True, "ok"),
    ],
)
def test_what_keeps_a_completion_from_being_a_pair_is_named(
    question: str, answer: str, finished: bool, outcome: str
) -> None:
    found, one = read(question, answer, finished=finished)
    assert found == outcome
    assert (one is None) == (outcome != "ok")


def test_a_question_copied_from_an_exemplar_is_rejected() -> None:
    prompt = replace(PROMPT, text=f"Pregunta: ¿Dónde vive Luis?\n{PROMPT.text}")
    assert read("¿Dónde vive Luis?", "Cusco", prompt) == ("question copied from the prompt", None)


def test_a_question_mark_may_be_left_out_where_it_is_not_required() -> None:
    lenient = prompter(replace(GENERATION, require_question_mark=False))
    texts = {"question": "Dónde vive Luis", "answer": "Cusco"}
    assert lenient.parse(PROMPT, GenerationResult(texts, finished=True)).outcome == "ok"


def test_a_question_in_another_script_than_its_passage_is_rejected_unless_allowed() -> None:
    prompt = replace(PROMPT, passage="आना लीमा में रहती है और NASA में काम करती है।", focus_start=0, focus_end=44)
    for asked, outcome in {
        "Where does Ana live?": "question in another script than its passage",
        "NASA में कौन है?": "ok",
        "आना कहाँ रहती है?": "ok",
    }.items():
        assert read(asked, "लीमा", prompt)[0] == outcome, asked
    lenient = prompter(replace(GENERATION, require_script=False))
    texts = {"question": "Where does Ana live?", "answer": "लीमा"}
    assert lenient.parse(prompt, GenerationResult(texts, finished=True)).outcome == "ok"


def test_an_answer_is_ranked_after_its_question_and_without_one() -> None:
    assert prompter().ranked_text(pair(), conditioned=True) == (
        "Texto: Ana vive en Lima y trabaja en Cusco.\nPregunta: ¿Dónde vive Ana?\nRespuesta:",
        " Lima\n",
    )
    assert prompter().ranked_text(pair(), conditioned=False) == (
        "Texto: Ana vive en Lima y trabaja en Cusco.\nPregunta:\nRespuesta:",
        " Lima\n",
    )


def test_the_generator_itself_is_asked_for_a_piece_of_the_passage() -> None:
    (zero_shot,) = prompter().solve_requests(question(), [])
    answer = Field("answer", "", "extract", 6, greedy=True, stop_bias=2.0)
    text = "Texto: Ana vive en Lima.\nPregunta: ¿Dónde vive Ana?\nRespuesta:"
    assert zero_shot == Request(text, "Ana vive en Lima.", (answer,), GREEDY)
    (few_shot,) = prompter().solve_requests(question(), [EXEMPLARS[0], question(id="h", language="hi"), EXEMPLARS[1]])
    blocks = [
        f"Texto: Esta es la nota {i}. Ana vive en Lima con Luis.\nPregunta: ¿Dónde vive Ana?\nRespuesta: Lima\n\n"
        for i in range(2)
    ]
    assert few_shot.prompt == "".join(blocks) + text
    (free,) = prompter(replace(GENERATION, constrain_answer=False)).solve_requests(question(), [])
    assert free.fields[0].mode == "free"


def test_what_the_generator_says_stands_nearest_to_the_words_of_the_question() -> None:
    asked = question("Lima tiene puerto y mercado. Ana vive en Lima.", "Lima", question="¿Dónde vive Ana?")
    assert prompter().read_answer(asked, [GenerationResult({"answer": " Lima"}, finished=True)]) == Answer(
        "Lima", 41, 1.0
    )
    known = GenerationResult({"answer": " Lima"}, {"answer": [Span(0, 4)]}, finished=True)
    assert prompter().read_answer(asked, [known]) == Answer("Lima", 0, 1.0)
    assert prompter().read_answer(asked, [GenerationResult({"answer": " Quito"})]) == Answer("Quito", -1, 1.0)


def test_the_exemplars_of_asking_are_some_of_each_language_and_none_without_shots() -> None:
    hindi = [replace(one, id=f"h{one.id}", language="hi") for one in EXEMPLARS]
    chosen = prompter(shots=2).few_shot_exemplars([*EXEMPLARS, *hindi], seed=3)
    assert [one.language for one in chosen] == ["es", "es", "hi", "hi"]
    assert len({(one.language, one.passage) for one in chosen}) == 4
    assert prompter(shots=2).few_shot_exemplars([*EXEMPLARS, *hindi], seed=3) == chosen
    assert len({tuple(e.id for e in prompter(shots=2).few_shot_exemplars(EXEMPLARS, seed)) for seed in range(9)}) > 1


def test_where_prompts_are_zero_shot_one_exemplar_is_shown() -> None:
    assert len(prompter(shots=0).few_shot_exemplars(EXEMPLARS, seed=3)) == 1


def test_near_duplicates_of_questions() -> None:
    own, one = prompter(), pair(question="¿Dónde Vive Ana?")
    assert own.identity(one) == own.identity(pair("q", question="¿dónde vive ana?"))
    assert own.identity(one) != own.identity(pair(answer="Cusco"))
    assert own.block(one) == ("es", "x")
    assert own.compared_text(one) == "¿dónde vive ana?"
    assert own.are_comparable(one, pair(answer="en Lima")) and not own.are_comparable(one, pair(answer="Cusco"))


def test_gold_turned_round_is_asked_for_as_a_passage_is_and_written_as_it_is_parsed() -> None:
    one = question(PROMPT.passage, "Cusco", id="own", question="¿Dónde\nvive Luis?")
    own = prompter(focus="sentence")
    ((prompt, written), *others) = own.turned_round([one, EXEMPLARS[0]], 1)
    assert prompt == (
        "Texto: Ana vive en Lima con Luis.\nPregunta: ¿Dónde vive Ana?\nRespuesta: Lima\n\n"
        "Texto: Luis vive en Cusco, no en Lima.\nPregunta:"
    )
    assert written == " ¿Dónde vive Luis?\nRespuesta: Cusco\n" and len(others) == 1
    texts = dict(zip(("question", "answer"), written.replace("Respuesta:", "").split("\n"), strict=False))
    parsed = own.parse(PROMPT, GenerationResult(texts=texts, finished=True)).pair
    assert parsed and (parsed.question, parsed.answer, parsed.answer_start) == ("¿Dónde vive Luis?", "Cusco", 31)


def test_pairs_turned_round_are_asked_for_as_gold_is_beside_pairs_of_their_language() -> None:
    """A repaired pair as well: its record has the labelers' answer."""
    passage = "Rosa vive en Quito, que es alta."
    rosa = replace(pair("o"), passage=passage, question="¿Dónde vive Rosa?", answer="Quito", answer_start=13)
    hindi = replace(pair("h"), language="hi", question="राम कहाँ रहता है?", answer="लीमा", answer_start=4)
    asked, other = (replace(hindi, passage=text) for text in ("राम लीमा में रहता है।", "आज लीमा बड़ा है।"))
    turned = prompter(focus="sentence", shots=1).turned_round([pair(), rosa, asked, replace(other, answer_start=3)], 1)
    assert turned[0] == (
        "Texto: Rosa vive en Quito, que es alta.\nPregunta: ¿Dónde vive Rosa?\nRespuesta: Quito\n\n"
        "Texto: Ana vive en Lima y trabaja en Cusco.\nPregunta:",
        " ¿Dónde vive Ana?\nRespuesta: Lima\n",
    )
    assert "vive" not in turned[2][0] and turned[2][0].endswith("गद्यांश: राम लीमा में रहता है।\nप्रश्न:")


def test_gold_turned_round_answer_first() -> None:
    ((prompt, written),) = prompter(order="answer-first", shots=0).turned_round([EXEMPLARS[0]], 1)
    assert prompt == f"Texto: {EXEMPLARS[0].passage}\nRespuesta:"
    assert written == " Lima\nPregunta: ¿Dónde vive Ana?\n"


def test_gold_turned_round_never_shows_a_question_about_its_own_passage() -> None:
    twice = [*EXEMPLARS, *(replace(one, id=f"other-{one.id}", question="¿Con quién?") for one in EXEMPLARS)]
    turned = prompter(shots=4).turned_round(twice, 1)
    for one, (prompt, _) in zip(twice, turned, strict=True):
        assert [prompt.count(f"{other.passage}\n") for other in EXEMPLARS] == [1] * 5, one.id
        assert prompt.endswith(f"Texto: {one.passage}\nPregunta:")
    assert len({prompt for prompt, _ in turned}) > 5
    with pytest.raises(UserError, match=r"'es' has exemplars over 4 passage\(s\), prompting.shots asks for 5"):
        prompter(shots=5).turned_round(twice, 1)
