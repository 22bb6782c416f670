"""How fast synthetic pairs come, side by side: same model, prompts, sampling settings and machine, one process after the other.

    python benchmarks/generation.py [--prompts 168] [--skip-server]

Compared are the plain transformers loop (one prompt at a time, free-form answer), this project's engine with batching alone, with
shared prefixes, and with the answer constraint; and llama.cpp's server (package xllamacpp, 16 slots, 16 requests at once) with the
GGUF file the weights come from. A pair counts where it would become a candidate: finished, a question, an answer in its passage.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import torch

from gemquad.generation.backends.in_process import TransformersBackend
from gemquad.generation.backends.server import ServerBackend
from gemquad.generation.decoder import decoding
from gemquad.generation.grammar import read_fields
from gemquad.generation.request import Generated, Request
from gemquad.params import BackendSettings, Params, load_params
from gemquad.schema import PassagePrompt
from gemquad.sources.squad import read_passages, read_questions
from gemquad.tasks.prompts import load_prompter
from gemquad.tasks.prompts.base import OK, AnyPrompter, Material
from gemquad.weights import assemble_gguf

ROOT = Path(__file__).parents[1]
SLOTS = 16


def main() -> None:
    """Print one line per way of generating, and the ratios to the plain loop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=168)
    parser.add_argument("--skip-server", action="store_true")
    args = parser.parse_args()
    params = load_params(ROOT / "params.yaml")
    prompts = sample_prompts(params, args.prompts)
    free = replace(params.generation, constrain_answer=False)
    backend = TransformersBackend(params.generator, params.generation)
    print(
        f"{len(prompts)} prompts of the bundled sample, {torch.get_num_threads()} threads, {backend.identity['dtype']}"
    )

    def ours(requests: list[Request]) -> list[Generated]:
        return in_order(backend, requests)

    def unshared(requests: list[Request]) -> list[Generated]:
        with patch.object(decoding, "shared_prefixes", lambda sequences: [0] * len(sequences)):
            return in_order(backend, requests)

    ours(requests_for(params, prompts[:2]))
    ways: list[tuple[str, Params, Callable[[list[Request]], list[Generated]]]] = [
        ("plain transformers loop", replace(params, generation=free), lambda r: plain_loop(backend, r)),
        ("+ batching", replace(params, generation=free), unshared),
        ("+ shared prefixes", replace(params, generation=free), ours),
        ("+ constraint", params, ours),
    ]
    rates = [measure(name, some, prompts, way) for name, some, way in ways]
    print(f"\nextractive pairs per minute, ratio to the plain loop: {rates[-1][1] / rates[0][1]:.1f}")
    if not args.skip_server:
        compare_server(params, prompts, rates[-1][0])


def sample_prompts(params: Params, count: int) -> list[PassagePrompt]:
    """The first prompts of each passage of the bundled sample, then the second, up to `count`."""
    folder = ROOT / "data" / "sample"
    exemplars = [q for code in params.lang for q in read_questions(folder / f"exemplars.{code}.json", code)]
    passages = [p for code in params.lang for p in read_passages(folder / f"passages.{code}.json", code)]
    material = Material(params.lang, exemplars, passages)
    built = prompter_of(params).prompts(material, params.sampling, params.seed)
    return sorted(built, key=lambda prompt: int(prompt.id.rsplit("-", 1)[1]))[:count]


def requests_for(params: Params, prompts: Sequence[PassagePrompt]) -> list[Request]:
    """What the engine would ask the backend."""
    prompter = prompter_of(params)
    return [prompter.request(prompt) for prompt in prompts]


def prompter_of(params: Params) -> AnyPrompter:
    """The prompter that the parameters name."""
    return load_prompter(params.task, params.prompting, params.generation)


def measure(
    name: str, params: Params, prompts: list[PassagePrompt], way: Callable[[list[Request]], list[Generated]]
) -> tuple[float, float]:
    """Run one way; returns requests per second and extractive pairs per minute."""
    requests = requests_for(params, prompts)
    began = time.perf_counter()
    results = way(requests)
    seconds = time.perf_counter() - began
    prompter = prompter_of(params)
    outcomes = [prompter.parse(prompt, one).outcome for prompt, one in zip(prompts, results, strict=True)]
    pairs = outcomes.count(OK)
    rate, per_minute = len(requests) / seconds, 60 * pairs / seconds
    tokens = sum(one.completion_tokens for one in results)
    print(
        f"{name:40s} {seconds:7.1f} s {rate:7.2f} requests/s {tokens / seconds:7.1f} tokens/s "
        f"{pairs:4d} pairs {per_minute:7.1f} pairs/min",
        flush=True,
    )
    return rate, per_minute


def in_order(backend: TransformersBackend | ServerBackend, requests: list[Request]) -> list[Generated]:
    """All results of a backend, in the order of the requests."""
    results: dict[Request, Generated] = {}
    for batch, generated in backend.run([[requests[i] for i in batch] for batch in backend.batches(requests)]):
        results.update(zip(batch, generated, strict=True))
    return [results[request] for request in requests]


@torch.inference_mode()
def plain_loop(backend: TransformersBackend, requests: list[Request]) -> list[Generated]:
    """`model.generate`, one prompt at a time; it stops at the blank line that ends an example."""
    model, tokenizer = backend.decoder.model, backend.decoder.tokenizer
    endings = [tokenizer.eos_token_id, tokenizer.convert_tokens_to_ids("\n\n")]
    results = []
    for request in requests:
        encoded = tokenizer(request.prompt, return_tensors="pt").to(model.device)
        length = encoded["input_ids"].shape[1]
        torch.manual_seed(request.settings.seed)
        output = model.generate(
            **encoded,
            do_sample=True,
            temperature=request.settings.temperature,
            top_k=request.settings.top_k,
            top_p=request.settings.top_p,
            max_new_tokens=sum(field.max_tokens for field in request.fields) + 4,
            eos_token_id=endings,
        )[0, length:]
        ended = int(output[-1]) in endings
        fields = read_fields(tokenizer.decode(output, skip_special_tokens=True), request.fields, ended)
        results.append(replace(fields, prompt_tokens=length, completion_tokens=len(output)))
    return results


def compare_server(params: Params, prompts: list[PassagePrompt], ours: float) -> None:
    """llama.cpp's server with the same GGUF; without and with the answer constraint as a grammar."""
    import xllamacpp

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
            backend = ServerBackend(
                BackendSettings("openai", constraint=constraint), params.generator, params.generation
            )
            in_order(backend, requests_for(params, prompts[:1]))
            rates.append(
                measure(
                    f"llama.cpp's server, constraint {constraint}", params, prompts, lambda r, b=backend: in_order(b, r)
                )
            )
        print(f"\nrequests per second, ratio to llama.cpp's server: {ours / max(rate for rate, _ in rates):.1f}")


if __name__ == "__main__":
    main()
