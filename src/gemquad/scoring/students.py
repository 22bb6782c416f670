"""Scores of a student on the dev and test questions of every language."""

from collections.abc import Sequence

from gemquad.schema import Prediction


def aggregate(predictions: Sequence[Prediction]) -> dict[str, dict[str, dict[str, float]]]:
    """split → language → {"f1", "exact_match"} in percent, and the number of "questions"."""
    result: dict[str, dict[str, dict[str, float]]] = {}
    for split, language in dict.fromkeys((p.split, p.language) for p in predictions):
        own = [p for p in predictions if (p.split, p.language) == (split, language)]
        result.setdefault(split, {})[language] = {
            "f1": 100 * sum(p.f1 for p in own) / len(own),
            "exact_match": 100 * sum(p.exact_match for p in own) / len(own),
            "questions": len(own),
        }
    return result


def mean_over_languages(scores: dict[str, dict[str, float]], metric: str, languages: Sequence[str]) -> float:
    """The unweighted mean of a split's metric over `languages`."""
    return sum(scores[language][metric] for language in languages) / len(languages)
