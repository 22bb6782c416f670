"""The generator in this process, through transformers."""

from transformers import AutoModelForCausalLM, AutoTokenizer

from gemquad.compute import compute_dtype, device
from gemquad.errors import UserError
from gemquad.generation.decoding import Decoder
from gemquad.params import ModelSource
from gemquad.progress import hush_transformers
from gemquad.weights import resolve


def load_decoder(source: ModelSource, dtype: str) -> Decoder:
    """The causal language model that `source` names, ready to decode.

    Raises:
        UserError: the model cannot be found, or is no causal language model.
    """
    hush_transformers()
    name, options = resolve(source)
    try:
        model = AutoModelForCausalLM.from_pretrained(name, dtype=compute_dtype(dtype), **options)
        tokenizer = AutoTokenizer.from_pretrained(name, **options)
    except (OSError, ValueError) as error:
        reason = str(error).strip().split("\n")[0]
        raise UserError(
            f"generator '{source.name}' cannot be loaded: {reason} Check the name, or give a local folder."
        ) from error
    return Decoder(model.eval().to(device()), tokenizer)
