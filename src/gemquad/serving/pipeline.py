"""`transformers.pipeline("question-answering", model=folder)`, which transformers 5 has removed: importing this brings it back.

It answers as `Predictor` does. The heads that transformers lacks come with it.
"""

from pathlib import Path
from typing import Any

from transformers import AutoModelForQuestionAnswering, Pipeline, pipelines
from transformers.utils import cached_file

from gemquad.serving.predictor import Predictor
from gemquad.student.description import FILE, read_description
from gemquad.student.fitness import agree

_TASK = "question-answering"


class QuestionAnsweringPipeline(Pipeline):
    """A student that finds the answer to a question in a context."""

    _load_tokenizer: Any = True
    _load_processor: Any = False
    _load_image_processor: Any = False
    _load_feature_extractor: Any = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        folder = Path(str(cached_file(str(self.model.name_or_path), FILE))).parent
        assert self.tokenizer, "the pipeline loads one"
        agree(self.model, self.tokenizer)
        self._predictor = Predictor(self.model.eval(), self.tokenizer, read_description(folder))

    def __call__(
        self, inputs: Any = None, *args: Any, question: Any = None, context: Any = None, **options: Any
    ) -> Any:
        """{"score", "start", "end", "answer"}, for a list of {"question", "context"} a list; raises `UserError` as `Predictor`."""
        asked = {"question": question, "context": context} if inputs is None else inputs
        return super().__call__(asked, *args, **options)

    def _sanitize_parameters(self, **options: Any) -> Any:
        if options:
            raise ValueError(f"there is no option {next(iter(options))!r}: the student reads as it was trained to")
        return {}, {}, {}

    def preprocess(self, input_: Any, **options: Any) -> dict[str, Any]:
        return {"question": input_.get("question"), "passage": input_.get("context")}

    def _forward(self, input_tensors: dict[str, Any], **options: Any) -> Any:
        return self._predictor.predict([input_tensors])[0]

    def postprocess(self, model_outputs: Any, **options: Any) -> dict[str, Any]:
        answer, start = model_outputs["answer"], model_outputs["start"]
        return {"score": model_outputs["score"], "start": start, "end": start + len(answer), "answer": answer}


getattr(pipelines, "REMOVED_TASKS", {}).pop(_TASK, None)  # refused by name, whatever is registered
pipelines.PIPELINE_REGISTRY.register_pipeline(_TASK, QuestionAnsweringPipeline, AutoModelForQuestionAnswering)
