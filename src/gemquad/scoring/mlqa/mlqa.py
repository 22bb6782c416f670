"""F1 and exact match of MLQA as an `evaluate` metric: evaluate.load("src/gemquad/scoring/mlqa", "hi")."""

from typing import Any

import datasets
import evaluate

from gemquad.scoring.qa import best_over_references

_CITATION = """\
@inproceedings{lewis-etal-2020-mlqa, title = {{MLQA}: Evaluating Cross-lingual Extractive Question Answering},
  author = {Lewis, Patrick and Oguz, Barlas and Rinott, Ruty and Riedel, Sebastian and Schwenk, Holger},
  booktitle = {Proceedings of ACL}, year = {2020}}"""


class Mlqa(evaluate.Metric):
    """`compute(predictions=[str], references=[[str, …]])`; the configuration name is the language."""

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=__doc__,
            citation=_CITATION,
            inputs_description="predictions: answers; references: for each, the list of accepted answers.",
            features=datasets.Features(
                {"predictions": datasets.Value("string"), "references": datasets.Sequence(datasets.Value("string"))}
            ),
        )

    def _compute(self, predictions: list[str], references: list[list[str]], **kwargs: Any) -> dict[str, float]:
        scores = [
            best_over_references(prediction, accepted, self.config_name)
            for prediction, accepted in zip(predictions, references, strict=True)
        ]
        return {
            "f1": 100 * sum(f1 for f1, _ in scores) / len(scores),
            "exact_match": 100 * sum(exact for _, exact in scores) / len(scores),
        }
