"""What crosses stages: `records` as Parquet, `results` as JSON. Nothing else of the package is imported here.

The records are also found in `gemquad.schema` itself, because every room uses them; results are imported from their module, so
that a stage that writes no metrics does not depend on them.
"""

from gemquad.schema.records import (  # noqa: F401, found here by every room
    AuditedPair,
    Completion,
    Example,
    Judgement,
    LabelerAnswer,
    LabelledText,
    LabelPrediction,
    LabelPrompt,
    PairValue,
    Passage,
    PassagePrompt,
    Prediction,
    Prompt,
    Question,
    SilverPair,
    SilverText,
    SpanPrediction,
    SyntheticPair,
)
