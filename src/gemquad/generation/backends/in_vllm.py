"""The generator in this process, through vLLM: the optional extra `vllm`, for a machine with a GPU."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from gemquad.errors import UserError
from gemquad.generation.backends.protocol import Capabilities
from gemquad.generation.grammar import BLANK_LINE, by_grammar, lark_grammar, read_fields
from gemquad.params import Generation, ModelSource
from gemquad.pretrained import Origin
from gemquad.tasks.requests import GenerationResult, Request
from gemquad.weights import fingerprint, remedy, resolve

_VERSION = 2  # raise it when the same request comes to be asked in another way
_ROWS_PER_BATCH = 1024  # vLLM schedules within; between two calls completions reach the store
# Once its prompt is read, a sequence adds one token to a pass. 64 for each give vLLM's own defaults: 256 sequences for the
# default of generation.batch_tokens, 1,024 for what a large GPU takes.
_TOKENS_PER_SEQUENCE = 64


class VllmBackend:
    """vLLM batches, shares prefixes and constrains by itself; answers follow a grammar at the prompt's temperature."""

    def __init__(self, source: ModelSource, generation: Generation) -> None:
        self._source, self._generation = source, generation

    @property
    def capabilities(self) -> Capabilities:
        """Seeded completions are repeatable only if vLLM batches them alike."""
        constrained = self._generation.constrain_answer
        return Capabilities(
            True, independent=False, constraint=constrained, likelihoods=True, ignored=by_grammar(constrained)
        )

    @cached_property
    def identity(self) -> dict[str, Any]:
        """The model, its weights' fingerprint and the configured precision."""
        return {
            "backend": "vllm",
            "version": _VERSION,
            "model": self._source.name,
            "weights": fingerprint(self._source),
            "dtype": self._generation.dtype,
        }

    @cached_property
    def llm(self) -> Any:
        """vLLM's engine, started when it is first needed."""
        try:
            from vllm import LLM
        except ImportError as error:
            raise UserError("backend=vllm needs vLLM, on a machine with a GPU: pip install -e '.[vllm]'.") from error
        name, options = resolve(self._source)
        tokens = self._generation.batch_tokens
        with Origin(f"generator '{self._source.name}'", remedy(self._source)).loading():
            return LLM(
                model=name,
                trust_remote_code=False,
                dtype=self._generation.dtype,
                enable_prefix_caching=True,
                max_num_batched_tokens=tokens,
                max_num_seqs=min(max(tokens // _TOKENS_PER_SEQUENCE, 1), _ROWS_PER_BATCH),
                structured_outputs_config={"backend": "guidance"},  # llguidance, which reads Lark
                **options,
            )

    @cached_property
    def tokenizer(self) -> Any:
        """The tokenizer alone; counting tokens starts no engine."""
        from gemquad.generation.backends.in_process import load_tokenizer

        return load_tokenizer(self._source)

    def batches(self, requests: Sequence[Request]) -> list[list[int]]:
        """Large batches in the order of the prompts' texts, so that vLLM finds shared prefixes side by side."""
        order = sorted(range(len(requests)), key=lambda i: requests[i].prompt)
        return [order[at : at + _ROWS_PER_BATCH] for at in range(0, len(order), _ROWS_PER_BATCH)]

    def run(self, batches: Iterable[list[Request]]) -> Iterator[tuple[list[Request], list[GenerationResult]]]:
        """Call vLLM once for each batch; the engine is started with the first."""
        assert self.llm
        for batch in batches:
            yield batch, self._judge(batch) if batch[0].continuation else self._write(batch)

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """The exact number of tokens of each text."""
        return [len(tokens) for tokens in self.tokenizer(list(texts))["input_ids"]]

    def _write(self, batch: Sequence[Request]) -> list[GenerationResult]:
        outputs = self.llm.generate([r.prompt for r in batch], [self._sampling(r) for r in batch], use_tqdm=False)
        generated = []
        for request, output in zip(batch, outputs, strict=True):
            written = output.outputs[0]
            fields = read_fields(written.text, request.fields, written.finish_reason != "length")
            generated.append(
                replace(
                    fields,
                    prompt_tokens=len(output.prompt_token_ids),
                    completion_tokens=len(written.token_ids),
                )
            )
        return generated

    def _judge(self, batch: Sequence[Request]) -> list[GenerationResult]:
        from vllm import SamplingParams

        sampling = SamplingParams(temperature=0.0, max_tokens=1, prompt_logprobs=0)
        skipped = self.token_counts([r.prompt for r in batch])
        outputs = self.llm.generate([r.prompt + r.continuation for r in batch], sampling, use_tqdm=False)
        return [
            GenerationResult(
                logprob=sum(_logprob(entry) for entry in output.prompt_logprobs[first:]),
                prompt_tokens=len(output.prompt_token_ids),
                finished=True,
            )
            for output, first in zip(outputs, skipped, strict=True)
        ]

    def _sampling(self, request: Request) -> Any:
        from vllm import SamplingParams
        from vllm.sampling_params import StructuredOutputsParams

        settings = request.settings
        constrained = (
            StructuredOutputsParams(grammar=lark_grammar(request)) if self._generation.constrain_answer else None
        )
        return SamplingParams(
            temperature=settings.temperature,
            top_k=settings.top_k,
            top_p=settings.top_p,
            seed=settings.seed,
            max_tokens=request.max_tokens,
            stop=[BLANK_LINE],
            structured_outputs=constrained,
        )


def _logprob(entry: dict[int, Any]) -> float:
    """`prompt_logprobs=0` leaves one entry per position: the prompt's own token."""
    return float(next(iter(entry.values())).logprob)
