"""Load the student: any checkpoint to which the task's `AutoModelFor…` class gives the task's head."""

from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoTokenizer, PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

from gemquad.compute import device
from gemquad.errors import UserError, first_line
from gemquad.params import ModelSource
from gemquad.progress import hush_transformers
from gemquad.student.gemma import fuse_norms
from gemquad.tasks.head import AnyHead
from gemquad.weights import resolve


def load_pretrained(
    source: ModelSource, head: AnyHead, seed: int, layers: int | None = None
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The pre-trained model in fp32 with the task's head, for batches padded on the right; a new head is drawn from `seed`.

    Of its transformer layers it has the lower `layers`, all where that is None (Sajjad et al. 2023, arXiv 2004.03844, "top-layer
    dropping").

    Raises:
        UserError: the checkpoint cannot be found, has fewer layers, or no architecture for the task.
    """
    hush_transformers()
    name, options = resolve(source)
    torch.manual_seed(seed)
    try:
        config, unused = AutoConfig.from_pretrained(name, return_unused_kwargs=True, **head.options, **options)
        keep_lower(config.get_text_config(), layers)
        model = head.architecture.from_pretrained(name, config=config, dtype=torch.float32, **unused, **options)
        tokenizer = AutoTokenizer.from_pretrained(name, **options)
    except ValueError as error:
        raise UserError(f"student '{source.name}' has no architecture for this task: {first_line(error)}") from error
    except OSError as error:
        raise UserError(
            f"student '{source.name}' cannot be loaded: {first_line(error)} Check the name, or give a local folder."
        ) from error
    _agree_on_padding(model, tokenizer)
    return _streamlined(model), tokenizer


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
    """A student saved by a stage, ready to answer what is padded on the right."""
    hush_transformers()
    check_student(folder)
    model = head.architecture.from_pretrained(folder, dtype=dtype)
    return _streamlined(model).eval().to(device()), AutoTokenizer.from_pretrained(folder)


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
