"""How fast synthetic pairs come, side by side: same model, prompts, sampling settings and machine, one process after the other.

    python benchmarks/generation.py [--prompts 168] [--plain-batch 1] [--skip-server] [--batch-tokens 262144] [--generator FOLDER]

Compared are plain `model.generate` (`--plain-batch` prompts at a time, free-form answer), this project's engine with batching
alone, with shared prefixes, and with the answer constraint; and llama.cpp's server (package xllamacpp, 16 slots, 16 requests at
once) with the GGUF file the weights come from. A pair counts where it would become a candidate: finished, a question, an answer in
its passage. On a GPU: more prompts, a larger batch for both.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from gemquad.compute import device
from gemquad.generation.backends.in_process import TransformersBackend, load_model
from gemquad.generation.decoder import decoding
from gemquad.generation.grammar import read_fields
from gemquad.params import BackendSettings, ModelSource, Params, load_params
from gemquad.schema import PassagePrompt
from gemquad.sources.squad import read_passages, read_questions
from gemquad.tasks.loading import load_task
from gemquad.tasks.prompter import OK, AnyPrompter, PromptSources
from gemquad.tasks.prompting import PassagePrompting
from gemquad.tasks.requests import GenerationResult, Request
from gemquad.weights import assemble_gguf

ROOT = Path(__file__).parents[1]
SLOTS = 16


@dataclass(frozen=True)
class Measured:
    """Requests a second, extractive pairs a minute, and seconds for each completion token."""

    requests: float
    pairs: float
    seconds_per_token: float


def main() -> None:
    """Print one line per way of generating, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=168)
    parser.add_argument("--plain-batch", type=int, default=1)
    parser.add_argument("--batch-tokens", type=int, help="generation.batch_tokens; by default as in params.yaml")
    parser.add_argument("--generator", help="a folder or hub id in place of the model in params.yaml")
    parser.add_argument("--skip-server", action="store_true")
    args = parser.parse_args()
    params = load_params(ROOT / "params.yaml")
    if args.generator:
        params = replace(params, generator=ModelSource(args.generator))
    if args.batch_tokens:
        params = replace(params, generation=replace(params.generation, batch_tokens=args.batch_tokens))
    prompts = sample_prompts(params, args.prompts)
    free = replace(params, generation=replace(params.generation, constrain_answer=False))
    backend = TransformersBackend(params.generator, params.generation)
    print(f"{len(prompts)} prompts, {torch.get_num_threads()} threads, {device()}, {backend.identity['dtype']}")

    def ours(requests: list[Request]) -> list[GenerationResult]:
        return in_order(backend, requests)

    def unshared(requests: list[Request]) -> list[GenerationResult]:
        with patch.object(decoding, "shared_prefixes", lambda sequences: [0] * len(sequences)):
            return in_order(backend, requests)

    plain = PlainGenerate(backend, load_model(params.generator, params.generation.dtype), args.plain_batch)
    warm = requests_for(params, prompts[: 2 * args.plain_batch])
    ours(warm)
    plain(warm[: args.plain_batch])
    base = measure(f"plain model.generate, batches of {args.plain_batch}", free, prompts, plain)
    measure("ours, batching alone", free, prompts, unshared)
    freely = measure("+ shared prefixes", free, prompts, ours)
    best = measure("+ constraint", params, prompts, ours)
    server = None if args.skip_server else compare_server(params, prompts)
    print(
        f"ratio generation-pairs-to-plain {best.pairs / base.pairs:.2f}"
        if base.pairs
        else "no pair from plain generate"
    )
    print(f"ratio generation-requests-to-plain {best.requests / base.requests:.2f}")
    print(f"ratio generation-constraint-seconds-per-token {best.seconds_per_token / freely.seconds_per_token:.3f}")
    if server:
        print(f"ratio generation-requests-to-llama-server {best.requests / server:.2f}")


def sample_prompts(params: Params, count: int) -> list[PassagePrompt]:
    """The first prompts of each passage of the bundled sample, then the second, up to `count`."""
    folder = ROOT / "data" / "sample"
    exemplars = [q for code in params.lang for q in read_questions(folder / f"exemplars.{code}.json", code)]
    passages = [p for code in params.lang for p in read_passages(folder / f"passages.{code}.json", code)]
    material = PromptSources(params.lang, exemplars, passages)
    assert isinstance(params.prompting, PassagePrompting)
    enough = max(params.prompting.prompts_per_passage, -(-count // len(passages)))
    params = replace(params, prompting=replace(params.prompting, prompts_per_passage=enough))
    built = prompter_of(params).prompts(material, params.sampling, params.seed)
    return sorted(built, key=lambda prompt: int(prompt.id.rsplit("-", 1)[1]))[:count]


def requests_for(params: Params, prompts: Sequence[PassagePrompt]) -> list[Request]:
    """What the engine would ask the backend."""
    prompter = prompter_of(params)
    return [prompter.request(prompt) for prompt in prompts]


def prompter_of(params: Params) -> AnyPrompter:
    """The prompter that the parameters name."""
    return load_task(params).prompter


def measure(
    name: str, params: Params, prompts: list[PassagePrompt], way: Callable[[list[Request]], list[GenerationResult]]
) -> Measured:
    """Run one way, and print what it took."""
    requests = requests_for(params, prompts)
    began, cpu = time.perf_counter(), time.process_time()
    results = way(requests)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    prompter = prompter_of(params)
    outcomes = [prompter.parse(prompt, one).outcome for prompt, one in zip(prompts, results, strict=True)]
    tokens, pairs = sum(one.completion_tokens for one in results), outcomes.count(OK)
    measured = Measured(len(requests) / seconds, 60 * pairs / seconds, seconds / tokens)
    print(
        f"{name:40s} {seconds:7.1f} s {measured.requests:7.2f} requests/s {tokens / seconds:8.1f} tokens/s "
        f"{pairs:4d} pairs {measured.pairs:8.1f} pairs/min {cpu / len(requests):6.2f} CPU s/request",
        flush=True,
    )
    return measured


def in_order(backend: Any, requests: list[Request]) -> list[GenerationResult]:
    """All results of a backend, in the order of the requests."""
    results: dict[Request, GenerationResult] = {}
    for batch, generated in backend.run([[requests[i] for i in batch] for batch in backend.batches(requests)]):
        results.update(zip(batch, generated, strict=True))
    return [results[request] for request in requests]


class PlainGenerate:
    """`model.generate` on so many prompts at a time, padded on the left; a row stops at the blank line that ends an example."""

    def __init__(self, backend: TransformersBackend, model: Any, rows: int) -> None:
        self._model, self._tokenizer, self._rows = model, backend.tokenizer, rows

    def __call__(self, requests: list[Request]) -> list[GenerationResult]:
        results = []
        for at in range(0, len(requests), self._rows):
            results += self._batch(requests[at : at + self._rows])
        return results

    @torch.inference_mode()
    def _batch(self, requests: list[Request]) -> list[GenerationResult]:
        """One batch has one setting of the sampler: that of its first row."""
        tokenizer, settings = self._tokenizer, requests[0].settings
        endings = [tokenizer.eos_token_id, tokenizer.convert_tokens_to_ids("\n\n")]
        encoded = tokenizer([r.prompt for r in requests], return_tensors="pt", padding=True, padding_side="left")
        encoded = encoded.to(self._model.device)
        torch.manual_seed(settings.seed)
        output = self._model.generate(
            **encoded,
            do_sample=True,
            temperature=settings.temperature,
            top_k=settings.top_k,
            top_p=settings.top_p,
            max_new_tokens=sum(field.max_tokens for field in requests[0].fields) + 4,
            eos_token_id=endings,
        )[:, encoded["input_ids"].shape[1] :].tolist()
        lengths = encoded["attention_mask"].sum(1).tolist()
        return [self._read(*row) for row in zip(requests, output, lengths, strict=True)]

    def _read(self, request: Request, tokens: list[int], prompt_tokens: int) -> GenerationResult:
        ending = self._tokenizer.convert_tokens_to_ids("\n\n")
        last = next(
            (i for i, token in enumerate(tokens) if token in (ending, self._tokenizer.eos_token_id)), len(tokens)
        )
        text = self._tokenizer.decode(tokens[: last + 1], skip_special_tokens=True)
        fields = read_fields(text, request.fields, last < len(tokens))
        written = min(last + 1, len(tokens))
        return replace(fields, prompt_tokens=prompt_tokens, completion_tokens=written)


def compare_server(params: Params, prompts: list[PassagePrompt]) -> float:
    """llama.cpp's server with the same GGUF, without and with the answer constraint as a grammar; the better requests/s."""
    import xllamacpp

    from gemquad.generation.backends.server import ServerBackend

    with tempfile.TemporaryDirectory() as folder:
        settings = xllamacpp.CommonParams()
        settings.model.path = str(assemble_gguf(params.generator, Path(folder)))
        settings.n_parallel, settings.n_ctx, settings.n_batch = SLOTS, SLOTS * 1024, 2048
        settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = os.cpu_count() or 1
        settings.verbosity = -1
        server = xllamacpp.Server(settings)
        os.environ |= {"OPENAI_BASE_URL": f"{server.listening_address}/v1", "GEMQUAD_CONCURRENCY": str(SLOTS)}
        rates = []
        for constraint in ("none", "llama.cpp"):
            chosen = BackendSettings("openai", constraint=constraint)
            backend = ServerBackend(chosen, params.generator, params.generation)
            in_order(backend, requests_for(params, prompts[:1]))
            name = f"llama.cpp's server, constraint {constraint}"
            rates.append(measure(name, params, prompts, lambda r, b=backend: in_order(b, r)).requests)
        return max(rates)


if __name__ == "__main__":
    main()
