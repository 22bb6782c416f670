"""What a pair weighs in training where `filter.weights` takes the place of a cut: docs/filter.md explains each kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gemquad.params import Filter
from gemquad.rounds.informative import doubt, informative
from gemquad.schema import Completion, Example, PairValue
from gemquad.tasks.base import AnyDefinition


@dataclass(frozen=True)
class Known:
    """What is known of pairs beside the labelers' answers.

    `blind_answers` are the generator's, by the id of the pair; None where it was not asked, as of dev examples. `values` are by
    language and id, in nats (`student/value.py`).
    """

    blind_answers: Mapping[str, str] | None
    values: Mapping[tuple[str, str], float]

    @classmethod
    def of(cls, rule: Filter, values: Iterable[PairValue], completions: Iterable[Completion] | None = None) -> "Known":
        """What the files hold; `completions` are read where the rule asks for blind answers, and are None of dev examples."""
        asked = completions if rule.weights == "informative" else None
        blind = None if asked is None else {one.id: one.blind_answer for one in asked}
        return cls(blind, {(one.language, one.id): one.value for one in values})

    def worth(self, pair: Example, probability: float, rule: Filter, task: AnyDefinition) -> float:
        """The pair's weight before all are divided by their mean, 0 or more; `probability` is what the labelers give its answer.

        Of dev examples `informative` is the labelers' doubt alone, for the generator has no answer to hold to.
        """
        if rule.weights == "value":
            return max(self.values[pair.language, pair.id], 0.0)
        if rule.weights == "agreement":
            return probability
        if self.blind_answers is None:
            return doubt(probability)
        return informative(pair, self.blind_answers[pair.id], probability, rule, task)


NOTHING = Known(None, {})


def unaudited(rule: Filter) -> str:
    """What of the rule the filter audit does not judge by, as a sentence; "" where it judges by all of it."""
    if rule.weights != "informative":
        return ""
    return (
        "Dev examples have no blind answers, so of `filter.weights: informative` the labelers' doubt alone is audited; "
        "the generator's consistency, the part that is to tell right pairs from wrong ones, is not in these numbers"
    )


def in_units_of_their_mean(worths: Sequence[float]) -> list[float]:
    """Weights of the mean 1 over those that are above 0, which are silver, so that silver as a whole counts as much as ever."""
    some = [one for one in worths if one > 0]
    mean = sum(some) / len(some) if some else 1.0
    return [one / mean for one in worths]
