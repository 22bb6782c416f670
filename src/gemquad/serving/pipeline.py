"""`transformers.pipeline("question-answering", model=folder)`, which transformers 5 has removed: importing this brings it back.

It answers as `Predictor` does. The heads that transformers lacks come with it.
"""

from pathlib import Path
from typing import Any

from transformers import AutoModelForQuestionAnswering, Pipeline, pipelines
from transformers.utils import cached_file

from gemquad.serving.predictor import Predictor
from gemquad.student.description import FILE, read_description
from gemquad.tasks.loading import load_saved_task

_TASK = "question-answering"


class QuestionAnsweringPipeline(Pipeline):
    """A student that finds the answer to a question in a context."""

    _load_tokenizer: Any = True
    _load_processor: Any = False
    _load_image_processor: Any = False
    _load_feature_extractor: Any = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        name = str(self.model.name_or_path)
        folder = Path(name) if Path(name).is_dir() else Path(str(cached_file(name, FILE))).parent
        description = read_description(folder)
        assert self.tokenizer, "the pipeline loads one"
        head = load_saved_task(description.task).head()
        self._predictor = Predictor(self.model.eval(), self.tokenizer, head, description.student)

    def __call__(
        self, inputs: Any = None, *args: Any, question: str | None = None, context: str | None = None, **options: Any
    ) -> Any:
        """The likeliest answer as {"score", "start", "end", "answer"}; for a list of {"question", "context"} a list of them.

        Raises:
            UserError: a question or a context is missing, empty, or no text.
        """
        row = {"question": question, "context": context} if inputs is None else inputs
        return super().__call__(row, *args, **options)

    def _sanitize_parameters(self, **options: Any) -> Any:
        """Nothing can be set: the student says how it reads."""
        if options:
            raise ValueError(f"there is no option {next(iter(options))!r}: the student reads as it was trained to")
        return {}, {}, {}

    def preprocess(self, input_: Any, **options: Any) -> dict[str, Any]:
        """Convert an input of the pipeline to a row of the student's columns."""
        return {"row": {"question": input_.get("question"), "passage": input_.get("context")}}

    def _forward(self, input_tensors: dict[str, Any], **options: Any) -> Any:
        return self._predictor.predict([input_tensors["row"]])[0]

    def postprocess(self, model_outputs: Any, **options: Any) -> dict[str, Any]:
        """Convert the student's answer to the form of transformers' own pipeline."""
        answer, start = model_outputs["answer"], model_outputs["start"]
        return {"score": model_outputs["score"], "start": start, "end": start + len(answer), "answer": answer}


getattr(pipelines, "REMOVED_TASKS", {}).pop(_TASK, None)  # refused by name, whatever is registered
pipelines.PIPELINE_REGISTRY.register_pipeline(_TASK, QuestionAnsweringPipeline, AutoModelForQuestionAnswering)
