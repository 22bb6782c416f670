"""Scores of a student on the dev and test examples of every language."""

from collections.abc import Mapping, Sequence

from gemquad.errors import UserError
from gemquad.schema import Prediction
from gemquad.schema.results import Scores
from gemquad.scoring.metrics import value
from gemquad.scoring.scored import Scored


def aggregate(predictions: Sequence[Prediction], task: Scored) -> Scores:
    """Scores as split → language → the task's metrics by name, in percent, and the number of "examples"."""
    result: Scores = {}
    for split, language in dict.fromkeys((p.split, p.language) for p in predictions):
        own = [p for p in predictions if (p.split, p.language) == (split, language)]
        columns = task.columns(own)
        scores = {metric.name: value(metric, columns) for metric in task.metrics}
        result.setdefault(split, {})[language] = {**scores, "examples": len(own)}
    return result


def mean_over_languages(scores: Mapping[str, Mapping[str, float]], metric: str, languages: Sequence[str]) -> float:
    """The unweighted mean of a split's metric over `languages`.

    Raises:
        UserError: the split was not scored by the metric.
    """
    if unscored := [language for language in languages if metric not in scores[language]]:
        known = ", ".join(name for name in scores[unscored[0]] if name != "examples")
        raise UserError(f"stopping.metric is '{metric}', but this task is scored by: {known}. Choose one of them.")
    return sum(scores[language][metric] for language in languages) / len(languages)
