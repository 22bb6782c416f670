"""Gemma 3 with heads: transformers has no span head for it, and its classification head meets features of any scale."""

import torch
from torch import Tensor, nn
from transformers import (
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    Gemma3TextConfig,
)
from transformers import initialization as init
from transformers.modeling_layers import GenericForQuestionAnswering, GenericForSequenceClassification
from transformers.models.gemma3.modeling_gemma3 import Gemma3PreTrainedModel, Gemma3RMSNorm


class Gemma3TextForQuestionAnswering(GenericForQuestionAnswering, Gemma3PreTrainedModel):
    """Gemma 3 with transformers' generic span head: two scores per token, for the answer's first and last."""

    config_class = Gemma3TextConfig


class UnitScaleLinear(nn.Linear):
    """A linear layer without bias on features brought to mean 0 and variance 1, in fp32: between 1/2 and 1, bf16 steps by 1/256."""

    def forward(self, features: Tensor) -> Tensor:
        """From features [..., inputs] to scores [..., outputs]."""
        with torch.autocast(features.device.type, enabled=False):
            normal = nn.functional.layer_norm(features.float(), (self.in_features,))
            return nn.functional.linear(normal, self.weight.float())


class UnitScaleGemma3TextForSequenceClassification(GenericForSequenceClassification, Gemma3PreTrainedModel):
    """Gemma 3 with a score for each class, or one for a value, read from the last token of a text.

    The gains of the 270M's final norm are 54 (root mean square). On such features one step of Adam at 1e-3 moves a score of
    transformers' own head by several units, so that values from 0 to 1 are hardly learnt and every class is certain. This head
    sees unit scale, whatever the checkpoint, and starts from zero.
    """

    config_class = Gemma3TextConfig

    def __init__(self, config: Gemma3TextConfig) -> None:
        super().__init__(config)
        self.score = UnitScaleLinear(config.hidden_size, self.score.out_features, bias=False)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, UnitScaleLinear):
            init.zeros_(module.weight)


class FusedRMSNorm(Gemma3RMSNorm):
    """Gemma 3's norm by torch's own function: the same values, on a GPU by one kernel where the original launches nine."""

    def forward(self, x: Tensor) -> Tensor:
        """Features [..., hidden] at unit scale, times the gains, computed in fp32."""
        return nn.functional.rms_norm(x.float(), x.shape[-1:], 1.0 + self.weight.float(), self.eps).type_as(x)


def fuse_norms(model: nn.Module) -> None:
    """Have all Gemma norms of `model` computed by `FusedRMSNorm`; their weights stay as they are."""
    for module in model.modules():
        if type(module) is Gemma3RMSNorm:
            module.__class__ = FusedRMSNorm


AutoModelForQuestionAnswering.register(Gemma3TextConfig, Gemma3TextForQuestionAnswering, exist_ok=True)
AutoModelForSequenceClassification.register(
    Gemma3TextConfig, UnitScaleGemma3TextForSequenceClassification, exist_ok=True
)
