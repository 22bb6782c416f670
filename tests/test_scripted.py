"""The scripted generator writes by the seed alone: from the source of a request, or without one from its prompt."""

from gemquad.generation.backends.scripted import ScriptedBackend
from gemquad.tasks.requests import Field, GenerationResult, Request, SamplingSettings

FIELDS = (Field("text", "", "filled", 20), Field("second", "文2（必ず正しい）:", "filled", 20))
JAPANESE = "写真の説明文を一つ書いてください。「犬」を入れてください。\n文1:"


def write(request: Request) -> GenerationResult:
    ((_, (generated,)),) = ScriptedBackend().run([[request]])
    return generated


def of_seed(seed: int, prompt: str = JAPANESE) -> GenerationResult:
    return write(Request(prompt, fields=FIELDS, settings=SamplingSettings(0.7, 50, 0.9, seed)))


def test_without_a_source_texts_are_written_with_the_words_of_the_prompt() -> None:
    made = [of_seed(seed) for seed in range(50)]
    assert all(one.finished and set(one.texts) == {"text", "second"} for one in made)
    for one in made:
        assert set(one.texts["text"]) <= {*JAPANESE, *FIELDS[1].lead, " ", "?"}
        assert not any(text in JAPANESE for text in one.texts.values())
        assert one.texts["text"] != one.texts["second"]
    assert any("必" in one.texts["second"] for one in made) and not any("必" in one.texts["text"] for one in made)


def test_texts_differ_by_seed_and_repeat_with_it() -> None:
    assert len({of_seed(seed).texts["text"] for seed in range(50)}) == 50
    assert of_seed(7) == of_seed(7)
    assert of_seed(7, "Write a happy review, please.\nReview:").texts != of_seed(7).texts


def test_a_text_keeps_to_its_limit() -> None:
    field = Field("text", "", "filled", 2)
    one = write(Request("Write a happy review.\nReview:", fields=(field,), settings=SamplingSettings(0.7, 50, 0.9, 1)))
    assert one.completion_tokens == len(one.texts["text"].split()) == 2


def test_with_a_source_questions_are_of_its_words_and_answers_stand_in_it() -> None:
    fields = (Field("question", "", "free", 12), Field("answer", "Respuesta:", "extract", 6))
    source = "Ana vive en Lima y trabaja en Cusco."
    for seed in range(20):
        one = write(Request("Texto: …\nPregunta:", source, fields, SamplingSettings(0.7, 50, 0.9, seed)))
        assert set(one.texts["question"].removesuffix("?").split()) <= set(source.split())
        (span,) = one.spans["answer"]
        assert source[span.start : span.end] == one.texts["answer"] != ""
