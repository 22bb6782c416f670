"""A prompt as the turns of a conversation, with a tiny tokenizer that has a chat template, and through a tiny chat model."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from transformers import GenerationConfig, PreTrainedTokenizerFast

from gemquad.doctor.checks import _generator
from gemquad.errors import UserError
from gemquad.generation.backends.in_process import TransformersBackend, load_model
from gemquad.generation.chat import chat_tokens, turn_ends
from gemquad.params import ModelSource, load_params
from gemquad.tasks.requests import Field, GenerationResult, Request, SamplingSettings

GENERATION = replace(load_params(Path(__file__).parents[1] / "params.yaml").generation, dtype="float32")
TEMPLATE = (
    "{{ bos_token }}{% for turn in messages %}{{ turn['role'] + ' ' + turn['content'] + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant ' }}{% endif %}"
)
PROMPT = "Texto: Ana vive en Lima.\nPregunta: ¿Dónde vive Ana?\nRespuesta:"
CONVERSATION = "user Texto: Ana vive en Lima.\nPregunta: ¿Dónde vive Ana?\nassistant Respuesta:"


@pytest.fixture(scope="module")
def chat_model(tiny_gemma: Path, tokenizer: PreTrainedTokenizerFast, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with a chat template; its turns end with the token of "Lima", too."""
    folder = tmp_path_factory.mktemp("models") / "tiny-chat"
    shutil.copytree(tiny_gemma, folder)
    own = PreTrainedTokenizerFast.from_pretrained(folder)
    own.chat_template = TEMPLATE
    own.save_pretrained(folder)
    GenerationConfig(eos_token_id=[1, end_of_turn(own)]).save_pretrained(folder)
    return folder


def end_of_turn(tokenizer: PreTrainedTokenizerFast) -> int:
    return int(tokenizer(" vive", add_special_tokens=False)["input_ids"][0])


def backend(folder: Path, chat: bool) -> TransformersBackend:
    return TransformersBackend(ModelSource(str(folder), chat=chat), GENERATION)


def run(backend: TransformersBackend, requests: Sequence[Request]) -> list[GenerationResult]:
    return [one for _, results in backend.run([list(requests)]) for one in results]


def test_all_lines_but_the_last_are_asked_and_the_last_begins_the_answer(chat_model: Path) -> None:
    tokenizer = backend(chat_model, chat=True).tokenizer
    assert chat_tokens(PROMPT, tokenizer) == tokenizer(CONVERSATION)["input_ids"]
    assert chat_tokens(PROMPT, tokenizer)[:2].count(tokenizer.bos_token_id) == 1


def test_a_prompt_of_one_line_is_asked_and_begun(chat_model: Path) -> None:
    tokenizer = backend(chat_model, chat=True).tokenizer
    assert chat_tokens("Texto:", tokenizer) == tokenizer("user Texto:\nassistant Texto:")["input_ids"]


TURNS = "{{ bos_token }}{% for turn in messages %}"
OF_FAMILIES = {
    "qwen3": "{% if loop.last %}{{ turn['role'] + '\n<think>\n\n</think>\n\n' + turn['content'].lstrip('\n') }}"
    "{% else %}{{ turn['role'] + '\n' + turn['content'] + '\n' }}{% endif %}{% endfor %}",
    "gemma-3": "{% if (turn['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}"
    "{{ ('model' if turn['role'] == 'assistant' else turn['role']) + '\n' + turn['content'] | trim + '\n' }}{% endfor %}",
    "llama-3.2": "{% if loop.first %}{{ 'Today: ' + (date_string or strftime_now('%d %b %Y')) + '\n' }}{% endif %}"
    "{{ turn['role'] + '\n\n' + turn['content'] | trim + '\n' }}{% endfor %}",
}


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        ("qwen3", "user\nTexto: Ana vive en Lima.\nassistant\n<think>\n\n</think>\n\nRespuesta:"),
        ("gemma-3", "user\nTexto: Ana vive en Lima.\nmodel\nRespuesta:"),
        ("llama-3.2", "Today: 26 Jul 2024\nuser\n\nTexto: Ana vive en Lima.\nassistant\n\nRespuesta:"),
    ],
)
def test_templates_as_those_of_the_presets_end_where_the_completion_begins(
    family: str, expected: str, chat_model: Path
) -> None:
    """An empty thought before the answer, alternating turns, and the day, which is the same every day."""
    own = PreTrainedTokenizerFast.from_pretrained(chat_model)
    own.chat_template = TURNS + OF_FAMILIES[family]
    assert chat_tokens("Texto: Ana vive en Lima.\nRespuesta:", own) == own(expected)["input_ids"]


def test_a_base_model_is_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    with pytest.raises(UserError, match=r"no chat template: it is a base model. Set -S generator\.chat=false"):
        chat_tokens(PROMPT, tokenizer)


@pytest.mark.parametrize(("ends", "expected"), [(1, (1,)), ([1, 106], (1, 106)), (None, ())])
def test_turns_end_as_the_model_says(ends: object, expected: tuple[int, ...], tiny_gemma: Path) -> None:
    model = load_model(ModelSource(str(tiny_gemma)), "float32")
    model.generation_config.eos_token_id = ends
    assert turn_ends(model) == expected
    model.generation_config = None
    assert turn_ends(model) == ()


def test_a_chat_model_is_prompted_with_its_template(chat_model: Path) -> None:
    chat, base = backend(chat_model, chat=True), backend(chat_model, chat=False)
    assert chat.identity == {**base.identity, "chat": True}
    count = len(base.tokenizer(CONVERSATION)["input_ids"])
    assert chat.token_counts([PROMPT]) == [count] > base.token_counts([PROMPT])
    request = Request(PROMPT, fields=(Field("text", "", "filled", 5),), settings=SamplingSettings(1.0, 50, 0.9, 3))
    (written,) = run(chat, [request])
    assert written.prompt_tokens == count
    conversation = Request(CONVERSATION, fields=request.fields, settings=request.settings)
    assert chat.decoder.vocabulary.pure == base.decoder.vocabulary.pure | {end_of_turn(chat.tokenizer)}
    (judged,) = run(chat, [Request(PROMPT, continuation=" Lima\n")])
    (expected,) = run(base, [Request(conversation.prompt, continuation=" Lima\n")])
    assert judged.logprob == pytest.approx(expected.logprob, abs=1e-4)
    assert judged.prompt_tokens == expected.prompt_tokens


def test_requests_with_and_without_chat_have_other_keys(chat_model: Path) -> None:
    assert backend(chat_model, chat=True).identity != backend(chat_model, chat=False).identity
    assert "chat" not in backend(chat_model, chat=False).identity, "or all keys of base models would change"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
            "does not end within 1 seconds",
        ),
        ("{{ 9 ** (9 ** 9) }}{{ messages }}", "does not end within 1 seconds"),
        ("{% for a in range(10 ** 9) %}{{ a }}{% endfor %}", "OverflowError: Range too big"),
        ("{{ 'a' * 10 ** 11 }}", "MemoryError"),
        ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "RecursionError"),
        ("{{ raise_exception('no user') }}", "TemplateError: no user"),
        ("{% for %}", "TemplateSyntaxError"),
        ("{{ messages[0]['content'].__class__.__mro__ }}", "SecurityError"),
        ("{% include '/etc/passwd' %}", "TypeError: no loader"),
    ],
)
def test_a_template_that_fails_or_never_ends_is_refused(
    template: str, message: str, chat_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = PreTrainedTokenizerFast.from_pretrained(chat_model)
    own.chat_template = template + TEMPLATE
    monkeypatch.setattr("gemquad.generation.chat._SECONDS", 1 if "end" in message else 60)
    with pytest.raises(UserError, match=f"the chat template of the generator .*{message}.*-S generator.chat=false"):
        chat_tokens(PROMPT, own)


def test_doctor_tries_the_template(chat_model: Path, tmp_path: Path) -> None:
    params = load_params(Path(__file__).parents[1] / "params.yaml")
    folder = shutil.copytree(chat_model, tmp_path / "chat")
    of_folder = replace(params, generator=ModelSource(str(folder), chat=True))
    assert [finding.topic for finding in _generator(of_folder)] == ["generator"]
    (folder / "chat_template.jinja").write_text(TEMPLATE + "{{ raise_exception('no system') }}")
    with pytest.raises(UserError, match="chat template of the generator cannot be applied: TemplateError: no system"):
        list(_generator(of_folder))


def test_a_template_that_leaves_the_prompt_out_is_refused(chat_model: Path) -> None:
    own = PreTrainedTokenizerFast.from_pretrained(chat_model)
    own.chat_template = "{{ 'content' }}"
    with pytest.raises(
        UserError,
        match=r"cannot be applied: ValueError: .* the final message does not appear .*-S generator\.chat=false",
    ):
        chat_tokens(PROMPT, own)


def test_a_template_that_fails_for_one_prompt_is_refused_then(chat_model: Path) -> None:
    own = PreTrainedTokenizerFast.from_pretrained(chat_model)
    own.chat_template = TEMPLATE + "{% if 'Vive' in messages[0]['content'] %}{{ raise_exception('no') }}{% endif %}"
    assert chat_tokens(PROMPT, own)
    with pytest.raises(UserError, match="chat template of the generator cannot be applied: TemplateError: no"):
        chat_tokens("Vive:\nAna:", own)
