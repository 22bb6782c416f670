"""What a run with the current parameters takes: memory and disk. Rough figures, for a decision before the run.

Training: weights in fp32 and a copy in bf16, gradients and AdamW's two moments of what is trained, and the activations of the
trained layers: 34 bytes for each token and hidden unit (Korthikanti et al. 2022, arXiv 2205.05198, section 4.1, attention
computed in blocks), twice that with gated units and autocast's copies. Measured for Gemma 3 270M: 2.8 GiB in batches of 2 and
3.3 GiB in batches of 8, of texts shorter than the longest. Generation: weights in the precision they run in, and the keys and
values of one batch.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gemquad.doctor.model import ModelFiles
from gemquad.params import Generation, Params, Student

_RUNTIME = 0.6 * 2**30  # Python, torch and its buffers
_ACTIVATION = 2 * 34
_FP32, _BF16 = 4, 2
_ADAMW = 2 * _FP32
_FOLDS = 2  # of student/crossfit.py, which cannot be imported without torch


@dataclass(frozen=True)
class Shape:
    """The size of a transformer: layers, width, embedding parameters, and key-value numbers of a token in one layer."""

    layers: int
    hidden: int
    embeddings: int
    keys_and_values: int

    @staticmethod
    def of(weights: ModelFiles) -> "Shape | None":
        """The shape from config.json; None where that cannot be read or uses other names."""
        config = weights.config
        try:
            hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
            width = int(config.get("head_dim") or hidden // heads)
            key_heads = int(config.get("num_key_value_heads") or heads)
            embeddings = int(config["vocab_size"]) * hidden
            return Shape(int(config["num_hidden_layers"]), hidden, embeddings, 2 * key_heads * width)
        except (KeyError, TypeError, ValueError):
            return None


def training_memory(weights: ModelFiles, student: Student) -> float | None:
    """Bytes of memory at the peak of a training; None for an unknown model."""
    shape, total = Shape.of(weights), _parameters(weights, student)
    if shape is None or total is None:
        return None
    kept = kept_layers(student, shape.layers)
    layers = trained_layers(student, shape.layers)
    body = max(total - shape.embeddings, 0.0) * layers / kept
    trained = total if student.trainable_layers is None else body
    activations = _ACTIVATION * student.batch_size * student.max_length * shape.hidden * layers
    return _RUNTIME + total * (_FP32 + _BF16) + trained * (_FP32 + _ADAMW) + activations


def generation_memory(weights: ModelFiles, generation: Generation, bytes_each: int) -> float | None:
    """Bytes of memory at the peak of the generation with `bytes_each` for a number; None for an unknown model."""
    shape, total = Shape.of(weights), weights.parameters
    if shape is None or total is None:
        return None
    cache = generation.batch_tokens * shape.layers * shape.keys_and_values
    return _RUNTIME + (total + cache) * bytes_each


def student_size(weights: ModelFiles, student: Student, bytes_each: int) -> float | None:
    """Bytes of one saved student; None for an unknown model."""
    total = _parameters(weights, student)
    return None if total is None else total * bytes_each


def kept_layers(student: Student, layers: int) -> int:
    """The number of the model's `layers` that the student keeps."""
    return layers if student.layers is None else min(student.layers, layers)


def trained_layers(student: Student, layers: int) -> int:
    """The number of the model's `layers` that are trained."""
    kept = kept_layers(student, layers)
    return kept if student.trainable_layers is None else min(student.trainable_layers, kept)


def _parameters(weights: ModelFiles, student: Student) -> float | None:
    """Of the student; of the whole model where its shape is not known."""
    whole, shape = weights.parameters, Shape.of(weights)
    if whole is None or shape is None:
        return whole
    missing = shape.layers - kept_layers(student, shape.layers)
    return whole - missing * max(whole - shape.embeddings, 0.0) / shape.layers


def students(params: Params) -> tuple[int, int]:
    """How many students DVC keeps at most, and how many of them MLflow keeps once more: the baseline and those of the rounds.

    Without gold there are also those that judge round 1, trained on parts of the synthetic pairs.
    """
    rounds = len(params.rounds)
    return rounds + (0 if params.data.gold else _FOLDS), rounds


def halved(setting: int, needs: Callable[[int], float], room: float) -> int:
    """The largest halving of `setting` for which `needs(halved)` is at most `room` bytes; 1 where none is."""
    while setting > 1 and needs(setting) > room:
        setting //= 2
    return setting
