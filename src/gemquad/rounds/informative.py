"""Which pairs are right and informative: the generator stands by its answer, and the student does not know it yet.

Agreement of generator and student keeps what is easy (arXiv 2203.08926 names the fault). Here the generator is held against itself:
it answers its own question anew (`generation.blind_answers`), and what the student is sure of is worth little. `filter.weights:
informative` weighs by it.
"""

from gemquad.params import Filter
from gemquad.schema import Example
from gemquad.tasks.base import AnyDefinition


def doubt(probability: float) -> float:
    """How open an answer of this probability is, 0 to 1: 4p(1 - p), the variance of a coin, in units of a fair one's."""
    return 4 * probability * (1 - probability)


def informative(
    pair: Example, blind_answer: str, student_probability: float, rule: Filter, task: AnyDefinition
) -> float:
    """How much a pair promises, 0 to 1: c * doubt(p).

    c is the agreement of the generator's blind answer with the pair's own, by the task's rule, and 0 below its threshold: the
    generator contradicts itself, or was not asked. p is `student_probability`, what the student gives the pair's own answer. The
    doubt is 1 where the student is torn (p = 1/2), and 0 where it is sure of the answer, so that there is nothing to learn, or sure
    of another, so that the pair is likelier wrong than hard.
    """
    consistency = task.agreement(blind_answer, pair, rule)
    if not blind_answer or consistency < task.agreement_threshold(rule):
        return 0.0
    return consistency * doubt(student_probability)
