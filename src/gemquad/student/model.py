"""Load the student: any checkpoint to which the task's `AutoModelFor…` class gives the task's head."""

from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoTokenizer, PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

from gemquad.compute import device
from gemquad.errors import UserError
from gemquad.params import ModelSource
from gemquad.pretrained import Origin, check_stored, load, load_weights
from gemquad.student.description import read_description
from gemquad.student.fitness import agree, check_fit
from gemquad.student.gemma import fuse_norms
from gemquad.tasks.head import AnyHead
from gemquad.weights import remedy, resolve

_AGAIN = "Copy it again, or train the student anew with `dvc repro`."


def load_pretrained(
    source: ModelSource, head: AnyHead, seed: int, layers: int | None = None, max_length: int | None = None
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The pre-trained model in fp32 with the task's head, for batches padded on the right; a new head is drawn from `seed`.

    Of its transformer layers it has the lower `layers`, all where that is None (Sajjad et al. 2023, arXiv 2004.03844, "top-layer
    dropping").

    Raises:
        UserError: the checkpoint cannot be found, is damaged, has fewer layers, no architecture for the task, or cannot read
            texts of `max_length` tokens.
    """
    name, options = resolve(source)
    origin = Origin(f"student '{source.name}'", remedy(source))
    torch.manual_seed(seed)
    config, unused = load(AutoConfig, name, origin, return_unused_kwargs=True, **head.options, **options)
    keep_lower(config.get_text_config(), layers)
    given = {"config": config, "dtype": torch.float32, **unused, **options}
    model = load_weights(head.architecture, name, origin, is_new=is_of_head, **given)
    tokenizer = load(AutoTokenizer, name, origin, **options)
    check_fit(model, tokenizer, max_length, origin)
    agree(model, tokenizer)
    _agree_on_padding(model, tokenizer)
    return _streamlined(model), tokenizer


def is_of_head(model: PreTrainedModel, tensor: str) -> bool:
    """Whether a tensor is drawn anew with a head: it lies outside the base model, or in the pooler that some heads read."""
    base = {id(value) for value in model.base_model.state_dict(keep_vars=True).values()}
    own = {name for name, value in model.state_dict(keep_vars=True).items() if id(value) in base}
    return tensor not in own or "pooler" in tensor


def keep_lower(config: PreTrainedConfig, layers: int | None) -> None:
    """Have `config` describe the lower `layers` layers of its model; None leaves it as it is.

    Raises:
        UserError: the model has fewer.
    """
    if layers is None:
        return
    if layers > config.num_hidden_layers:
        raise UserError(
            f"student.layers is {layers}, but the model has {config.num_hidden_layers} layers. Use fewer, or null."
        )
    config.num_hidden_layers = layers
    if getattr(config, "layer_types", None):
        config.layer_types = config.layer_types[:layers]


def load_student(folder: Path, head: AnyHead, dtype: torch.dtype) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A student saved by a stage, ready to answer what is padded on the right.

    Raises:
        UserError: there is none, it is damaged, or it was trained for other labels.
    """
    check_student(folder)
    origin, described = Origin(str(folder), _AGAIN), read_description(folder)
    model = load_weights(head.architecture, folder, origin, others=False, dtype=dtype, use_safetensors=True)
    tokenizer = load(AutoTokenizer, folder, origin)
    check_stored(folder, model, origin)
    if described.inputs != list(head.input_columns):
        raise origin.refused("describes other inputs than its task has.")
    named = head.options.get("id2label")
    if named and model.config.id2label != named:
        raise origin.refused("was trained for other labels than its task has.")
    check_fit(model, tokenizer, described.student.max_length, origin)
    agree(model, tokenizer)
    return _streamlined(model).eval().to(device()), tokenizer


def check_student(folder: Path) -> None:
    """Raise an error unless a student is saved in `folder`.

    Raises:
        UserError: there is none.
    """
    if not (folder / "config.json").exists():
        raise UserError(f"{folder} holds no student. `dvc repro` trains it.")


def train_only_top(model: PreTrainedModel, layers: int | None) -> None:
    """Freeze the embeddings and all but the last `layers` layers; None trains everything.

    The lower layers of a multilingual model carry what languages share. Leaving them alone keeps cross-lingual transfer
    and halves the time of a training step.
    """
    if layers is None:
        return
    stack = layer_stack(model.base_model)
    if layers > len(stack):
        raise UserError(
            f"student.trainable_layers is {layers}, but the model has {len(stack)} layers. Use fewer, or null."
        )
    model.base_model.requires_grad_(False)
    for layer in stack[len(stack) - layers :]:
        layer.requires_grad_(True)
    if isinstance(norm := getattr(model.base_model, "norm", None), nn.Module):
        norm.requires_grad_(True)


def _agree_on_padding(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """One padding token for both: a decoder's head reads the last token that is none. Without one it is the end mark."""
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    model.config.get_text_config().pad_token_id = tokenizer.pad_token_id


def without_padding() -> dict[str, Any]:
    """Keyword arguments that call a causal model without a mask: none of its tokens attends to padding on the right.

    Without a cache transformers would look for packed texts in each batch, which waits for the device; not while a CUDA graph is
    captured, where a cache cannot be made.
    """
    captured = torch.cuda.is_available() and torch.cuda.is_current_stream_capturing()
    return {"attention_mask": None, "use_cache": not captured}


def is_causal(model: nn.Module) -> bool:
    """Whether no token of the model attends to later ones."""
    attention = [module.is_causal for module in model.modules() if hasattr(module, "is_causal")]
    return bool(attention) and all(attention)


def _streamlined(model: PreTrainedModel) -> PreTrainedModel:
    """The same for fewer kernels, and without waiting for the device, as transformers does where it reads a mask of padding."""
    fuse_norms(model)
    if is_causal(model):
        model.register_forward_pre_hook(
            lambda _, args, kwargs: (args, {**kwargs, **without_padding()}), with_kwargs=True
        )
    return model


def layer_stack(base: nn.Module) -> nn.ModuleList:
    """The transformer layers of a base model: its longest `ModuleList`."""
    lists = [module for module in base.modules() if isinstance(module, nn.ModuleList)]
    return max(lists, key=len)
