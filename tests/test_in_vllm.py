"""What vLLM is asked and how its answer is read, against a stand-in with vLLM's own names: vLLM needs a GPU to be installed."""

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gemquad.errors import UserError
from gemquad.generation.backends.in_vllm import VllmBackend
from gemquad.params import ModelSource, load_params
from gemquad.tasks.requests import Field, Request, SamplingSettings

PARAMS = load_params(Path(__file__).parents[1] / "params.yaml")
FIELDS = (Field("question", "", "free", 20), Field("answer", "Respuesta:", "extract", 6))


@dataclass
class Out:
    prompt_token_ids: list[int]
    outputs: list[Any] = field(default_factory=list)
    prompt_logprobs: list[Any] = field(default_factory=list)


@dataclass
class Written:
    text: str
    token_ids: list[int]
    finish_reason: str


@dataclass
class Logprob:
    logprob: float


class StandIn:
    """`vllm.LLM`: every token is a character."""

    def __init__(self, **options: Any) -> None:
        self.options, self.asked = options, []

    def generate(self, prompts: list[str], sampling: Any, use_tqdm: bool) -> list[Out]:
        self.asked.append((prompts, sampling))
        if isinstance(sampling, dict):
            return [Out(list(range(len(p))), [], [None] + [{7: Logprob(-0.5)}] * (len(p) - 1)) for p in prompts]
        reasons = ["stop", "length"]
        written = [Written(" ¿Quién?\nRespuesta: Ana", [1] * 9, reason) for reason in reasons]
        return [Out([1, 2, 3], [one]) for one in written[: len(prompts)]]


@pytest.fixture
def vllm(monkeypatch: pytest.MonkeyPatch) -> None:
    package, params = ModuleType("vllm"), ModuleType("vllm.sampling_params")
    package.LLM, package.SamplingParams = StandIn, dict
    params.StructuredOutputsParams = dict
    monkeypatch.setitem(sys.modules, "vllm", package)
    monkeypatch.setitem(sys.modules, "vllm.sampling_params", params)


def backend(tiny_gemma: Path) -> VllmBackend:
    return VllmBackend(ModelSource(str(tiny_gemma)), PARAMS.generation)


def characters(texts: list[str]) -> dict[str, list[list[str]]]:
    return {"input_ids": [list(text) for text in texts]}


def test_every_row_has_its_own_settings_and_grammar(vllm: None, tiny_gemma: Path) -> None:
    one = backend(tiny_gemma)
    requests = [
        Request(f"Texto {n}\nPregunta:", "Ana vive.", FIELDS, SamplingSettings(0.7 + n, 50, 0.9, n)) for n in range(2)
    ]
    ((_, (finished, cut)),) = one.run([requests])
    assert finished.texts == {"question": "¿Quién?", "answer": " Ana"} and finished.finished
    assert not cut.finished
    assert (finished.prompt_tokens, finished.completion_tokens) == (3, 9)
    sampling = one.llm.asked[0][1]
    assert [(s["temperature"], s["seed"]) for s in sampling] == [(0.7, 0), (1.7, 1)]
    assert '{"substring_chunks": ["Ana", " ", "vive", "."]}' in sampling[0]["structured_outputs"]["grammar"]


@pytest.mark.parametrize(("tokens", "sequences"), [(1, 1), (63, 1), (16384, 256), (65536, 1024), (131072, 1024)])
def test_vllm_is_started_for_the_tokens_of_a_batch(vllm: None, tiny_gemma: Path, tokens: int, sequences: int) -> None:
    source = ModelSource(str(tiny_gemma))
    options = VllmBackend(source, replace(PARAMS.generation, batch_tokens=tokens)).llm.options
    assert (options["max_num_batched_tokens"], options["max_num_seqs"]) == (tokens, sequences)
    assert options["enable_prefix_caching"] is True
    assert options["structured_outputs_config"] == {"backend": "guidance"}


def test_free_answers_are_asked_without_a_grammar(vllm: None, tiny_gemma: Path) -> None:
    one = VllmBackend(ModelSource(str(tiny_gemma)), replace(PARAMS.generation, constrain_answer=False))
    list(one.run([[Request("Pregunta:", "Ana vive.", FIELDS)]]))
    assert one.llm.asked[0][1][0]["structured_outputs"] is None


def test_given_text_is_judged_by_its_own_tokens(vllm: None, tiny_gemma: Path) -> None:
    one = backend(tiny_gemma)
    one.tokenizer = characters
    ((_, (judged,)),) = one.run([[Request("abc", continuation="de")]])
    assert judged.logprob == -1.0
    assert judged.prompt_tokens == 5


def test_without_vllm_the_remedy_is_named(tiny_gemma: Path) -> None:
    with pytest.raises(UserError, match=r"pip install -e '\.\[vllm\]'"):
        list(backend(tiny_gemma).run([[Request("a")]]))


def test_tokens_are_counted_without_starting_vllm(tiny_gemma: Path) -> None:
    assert backend(tiny_gemma).token_counts(["Ana vive en Lima.", ""]) > [2, 0]
