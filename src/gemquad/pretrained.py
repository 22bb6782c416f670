"""The one place where transformers loads models: no code of their own runs, and no damage stays unseen.

A folder may name Python of its own (`auto_map`, `custom_generate`). Left alone, transformers asks on standard input whether to run
it, and there stand the user's rows. Here the answer is no, and there is nothing to read.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gemquad.errors import UserError, first_line, remedy_of_machine
from gemquad.progress import hush_transformers

_NO_HEAD, _OWN_CODE = "Unrecognized configuration class", "contains custom code"
"""What transformers says."""


@dataclass(frozen=True)
class Origin:
    """What is loaded, for messages, and what to do where it cannot be: "models/best", "Copy it again."."""

    what: str
    remedy: str
    failed: str = "cannot be loaded"

    def refused(self, why: str) -> UserError:
        """The error that says why this model cannot be used."""
        return UserError(f"{self.what} {why} {self.remedy}")

    @contextmanager
    def loading(self) -> Iterator[None]:
        """A context for a library's loading: any error of it but for want of memory is a `UserError`; standard input is empty."""
        given = sys.stdin
        try:
            with Path(os.devnull).open(encoding="utf-8") as sys.stdin:
                yield
        except UserError:
            raise
        except Exception as error:  # of a damaged file a library raises whatever it happens to trip over
            if remedy_of_machine(error):
                raise
            raise self.refused(self._reason(type(error).__name__, first_line(error).removesuffix("."))) from error
        finally:
            sys.stdin = given

    def _reason(self, kind: str, said: str) -> str:
        if _OWN_CODE in said:
            return "has Python code of its own, which is never run, and no architecture of transformers."
        if said.startswith(_NO_HEAD):
            return f"has no architecture for this task: {said}."
        return f"{self.failed}: {said}." if kind == "OSError" else f"{self.failed}: {kind}: {said}."


def load(kind: Any, name: str | Path, origin: Origin, **options: Any) -> Any:
    """`kind.from_pretrained(name, **options)` of an `Auto…` class; raises `UserError` for a model that has code of its own."""
    hush_transformers()
    with origin.loading():
        return kind.from_pretrained(name, trust_remote_code=False, **options)


def build(kind: Any, config: Any, origin: Origin, **options: Any) -> Any:
    """`kind.from_config(config, **options)`: a model without its weights."""
    hush_transformers()
    with origin.loading():
        return kind.from_config(config, trust_remote_code=False, **options)


def load_weights(
    kind: Any,
    name: str | Path,
    origin: Origin,
    is_new: Callable[[Any, str], bool] = lambda model, tensor: False,
    others: bool = True,
    **options: Any,
) -> Any:
    """A model whose weights are all in the files, of the right sizes and finite numbers.

    Left alone, transformers draws anew what it does not find. `is_new` says which tensors may be: those of a head that is still to
    be trained. The files may hold `others`, e.g. those of a head that is not needed.

    Raises:
        UserError: as `load`, or a tensor is missing, of another size, not finite, or there are others.
    """
    model, info = load(kind, name, origin, output_loading_info=True, **options)
    mismatched = {tensor for tensor, *_ in info["mismatched_keys"]}
    lost = sorted(tensor for tensor in {*info["missing_keys"], *mismatched} if not is_new(model, tensor))
    with origin.loading():
        infinite = _infinite(dict(model.named_parameters()))
    faults: Mapping[str, list[str]] = {
        "lacks weights that its config.json describes": lost,
        "holds weights that its config.json does not describe": [] if others else sorted(info["unexpected_keys"]),
        "has weights that are not numbers (NaN or infinite)": infinite,
    }
    for fault, tensors in faults.items():
        if tensors:
            more = f" and {len(tensors) - 1} more" if len(tensors) > 1 else ""
            raise origin.refused(f"{fault}: {tensors[0]}{more}.")
    return model


def check_stored(folder: Path, model: Any, origin: Origin) -> None:
    """Refuse weights that are stored as whole numbers, which transformers takes for real ones."""
    from safetensors import safe_open

    weights = dict(model.named_parameters())
    with origin.loading():
        for file in sorted(folder.glob("*.safetensors")):
            with safe_open(file, "pt") as stored:
                kinds = {name: stored.get_slice(name).get_dtype() for name in stored.keys()}  # noqa: SIM118, no mapping
            if whole := [name for name, kind in kinds.items() if name in weights and "F" not in kind]:
                raise origin.refused(
                    f"has weights that are not real numbers: {whole[0]} is stored as {kinds[whole[0]]}."
                )


def _infinite(tensors: Mapping[str, Any]) -> list[str]:
    """The names of those that hold NaN or infinity; by their extremes, which take a tenth of the time and no memory."""
    import torch

    real = {
        name: torch.stack(value.detach().aminmax()).float()  # (2,)
        for name, value in tensors.items()
        if value.dtype in (torch.float32, torch.bfloat16, torch.float16) and value.numel()
    }
    if torch.stack([*real.values()]).isfinite().all():  # waits for the device once
        return []
    return [name for name, extremes in real.items() if not extremes.isfinite().all()]
