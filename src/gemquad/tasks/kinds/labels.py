"""What tasks over labelled texts have in common."""

from collections.abc import Mapping, Sequence

from gemquad.errors import UserError
from gemquad.schema import LabelledText, LabelPrompt
from gemquad.scoring.metrics import Metric


def chosen_metrics(names: Sequence[str], known: Mapping[str, Metric]) -> tuple[Metric, ...]:
    """The metrics that the configuration names, in its order.

    Raises:
        UserError: a name is not known for this kind of task.
    """
    for name in names:
        if name not in known:
            raise UserError(
                f"params.yaml: task.metrics names '{name}'; this kind of task has: {', '.join(known)}. Choose among them."
            )
    return tuple(known[name] for name in names)


def named_texts(pair: LabelledText) -> list[tuple[str, str]]:
    """The one or two texts for people."""
    return [("text", pair.text), *([("second text", pair.second)] if pair.second else [])]


def words_variant(prompt: LabelPrompt) -> str:
    """Whether a prompt asks for a task word."""
    return "with task words" if prompt.words else "without task words"
