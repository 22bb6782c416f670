"""The frozen part of a student, embeddings and lower layers, computed apart from the layers that are trained.

What it makes of a text is the same in every epoch, for every student of a run, in labelling and in scoring. On a CPU it is computed
once for each text, alone, so that it depends on nothing but the text, and kept (`features.py`). An accelerator computes it faster
than a disk reads it: there the frozen part runs with each batch, without gradients.
"""

import copy
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import takewhile
from typing import Any, cast

import torch
import xxhash
from torch import Tensor, nn
from transformers import PreTrainedConfig, PreTrainedModel

from gemquad.compute import device
from gemquad.student.features import Features
from gemquad.student.fitness import SEGMENTS
from gemquad.student.model import is_causal, layer_stack, without_padding


@contextmanager
def computed_once(model: PreTrainedModel, dtype: torch.dtype) -> Iterator[None]:
    """A context in which `model`, called as usual, reads the outputs of its frozen part from `Features`, or computes them.

    The frozen part are the embeddings and the layers below the first that is trained (`train_only_top`). It computes in `dtype` and
    in evaluation mode, in training as in inference. Within the context its modules are replaced, so that a checkpoint holds only
    what is trained. Where no layer is frozen, nothing changes.
    """
    stack = layer_stack(model.base_model)
    embeddings, layers = model.get_input_embeddings(), list(takewhile(_is_frozen, stack))
    if not layers or not _is_frozen(embeddings):
        yield
        return
    below = _Below(model, len(layers), dtype)  # a copy of the frozen part, which computes apart from the model
    with closing(Features.opened()) as kept:
        trained = next(parameter for parameter in model.parameters() if parameter.requires_grad)
        given = _Given(_source(below, kept), below.form, trained.dtype)
        model.set_input_embeddings(_Place(embeddings, lambda: given.features))
        for number, layer in enumerate(layers):
            stack[number] = _Place(layer, given.as_layer)
        # Before each call the hook obtains the features, (batch, tokens, hidden), which every replaced module then returns
        hook = model.register_forward_pre_hook(given.take, prepend=True, with_kwargs=True)
        try:
            yield
        finally:
            hook.remove()
            model.set_input_embeddings(embeddings)
            for number, layer in enumerate(layers):
                stack[number] = layer


def _is_frozen(module: nn.Module) -> bool:
    return not any(parameter.requires_grad for parameter in module.parameters())


def _source(below: "_Below", kept: Features) -> "_Below | _Kept":
    return _Kept(below, kept) if device().type == "cpu" else below


class _Below:
    """The frozen part: from ids, mask and segments, each (batch, tokens), to its last layer's output, (batch, tokens, hidden).

    It shares its weights with the model if they are in `dtype`, else it holds converted copies.
    """

    def __init__(self, model: PreTrainedModel, count: int, dtype: torch.dtype) -> None:
        # deepcopy takes an object that its memo holds for already copied: the parameters, so that they are shared
        shared: dict[int, Any] = {id(parameter): parameter for parameter in model.parameters()}
        self.dtype = dtype
        self.base = cast(Any, copy.deepcopy(model.base_model, shared)).eval()
        self._is_causal = is_causal(self.base)
        stack = layer_stack(self.base)
        self._last = stack[count - 1]
        del stack[count:]  # of the copy: the trained layers are not computed here
        nn.Module.to(self.base, device())
        for module in self.base.modules():  # not the buffers: positions are computed in fp32
            for name, parameter in module.named_parameters(recurse=False):
                if not parameter.requires_grad:
                    setattr(module, name, nn.Parameter(parameter.data.to(dtype), requires_grad=False))
        self.form = self._output(torch.ones((1, 1), dtype=torch.long, device=device()), None)

    def __call__(self, input_ids: Tensor, attention_mask: Tensor | None, **segments: Tensor) -> Tensor:
        output = self._output(input_ids, attention_mask, **segments)
        return output[0] if isinstance(output, tuple) else output  # (batch, tokens, hidden)

    def _output(self, input_ids: Tensor, attention_mask: Tensor | None, **segments: Tensor) -> Any:
        """The last layer's return value: the features as a tensor, or a tuple that begins with them."""
        outputs = []
        hook = self._last.register_forward_hook(lambda layer, given, output: outputs.append(output))
        try:
            with torch.no_grad(), torch.autocast(device().type, enabled=False):
                self.base(
                    input_ids=input_ids,
                    **segments,
                    **(without_padding() if self._is_causal else {"attention_mask": attention_mask}),
                )
        finally:
            hook.remove()
        return outputs[0]

    def fingerprint(self) -> bytes:
        """A digest of all that decides the features besides the text: weights, architecture, and how this machine computes."""
        digest = xxhash.xxh3_128()
        frozen = {name: one for name, one in self.base.named_parameters() if not one.requires_grad}
        for name, parameter in frozen.items():
            digest.update(f"{name} {parameter.dtype} {tuple(parameter.shape)}".encode())
            digest.update(parameter.detach().flatten().view(torch.uint8).numpy())
        general = {*PreTrainedConfig().to_dict(), "use_cache"}
        own = {key: value for key, value in self.base.config.to_dict().items() if key not in general}
        machine = [torch.__version__, torch.get_num_threads(), torch.cpu.get_capabilities()]
        digest.update(json.dumps([type(self.base).__name__, own, machine], sort_keys=True, default=str).encode())
        return digest.digest()


class _Kept:
    """Features on a CPU: each text computed alone, or read from the store. A batch is padded with zeros on the right."""

    def __init__(self, below: _Below, store: Features) -> None:
        self._below, self._store, self._prefix = below, store, below.fingerprint()

    def __call__(self, input_ids: Tensor, attention_mask: Tensor, **segments: Tensor) -> Tensor:
        lengths = attention_mask.sum(-1).tolist()  # tokens of each text: (batch, tokens) -> (batch,)
        texts = [
            self._text(input_ids[row, :length], {name: one[row, :length] for name, one in segments.items()})
            for row, length in enumerate(lengths)
        ]
        padded = texts[0].new_zeros(*input_ids.shape, texts[0].shape[-1])  # (batch, tokens, hidden)
        for row, text in zip(padded, texts, strict=True):
            row[: len(text)] = text
        return padded

    def _text(self, input_ids: Tensor, segments: dict[str, Tensor]) -> Tensor:
        """The features of one text, (tokens, hidden), from its token ids and segments, each (tokens,)."""
        told = b"".join(one.numpy().tobytes() for one in [input_ids, *segments.values()])
        key = xxhash.xxh3_128_digest(self._prefix + told)
        if value := self._store.get(key):
            return torch.frombuffer(bytearray(value), dtype=self._below.dtype).view(len(input_ids), -1)
        features = self._below(input_ids[None], None, **{name: one[None] for name, one in segments.items()})[
            0
        ]  # (tokens, hidden): a batch of one text, without padding
        self._store.put(key, features.contiguous().view(torch.uint8).numpy().tobytes())
        return features


class _Given:
    """The features of the current batch, (batch, tokens, hidden), which the replaced modules return."""

    def __init__(self, source: Any, form: Any, dtype: torch.dtype) -> None:
        self._source, self._form, self._dtype = source, form, dtype
        self.features = torch.empty(0)

    def take(self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Obtain the features before a call of the model, in the precision of its trained layers and 0 at padding."""
        mask = kwargs.get("attention_mask")
        mask = torch.ones_like(kwargs["input_ids"]) if mask is None else mask
        segments = {SEGMENTS: kwargs[SEGMENTS]} if SEGMENTS in kwargs else {}
        features = self._source(kwargs["input_ids"], mask, **segments).to(self._dtype)  # (batch, tokens, hidden)
        self.features = features * mask[..., None]

    def as_layer(self) -> Any:
        """The features in the form in which the architecture's layers return them: a tensor, or a tuple."""
        return (self.features, *self._form[1:]) if isinstance(self._form, tuple) else self.features


class _Place(nn.Module):
    """Replaces the module `replaced`: returns what `given` returns instead of computing; other attributes are unchanged."""

    def __init__(self, replaced: nn.Module, given: Any) -> None:
        super().__init__()
        self.__dict__["_replaced"] = replaced  # no child, so that it is not saved, moved or trained
        self._given = given

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The return value of `given`, whatever the inputs."""
        return self._given()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_replaced"], name)
