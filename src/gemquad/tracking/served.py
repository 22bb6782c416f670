"""What MLflow runs of a logged student (`mlflow.pyfunc`, `mlflow models serve`): one row in, one answer out."""

from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext


class ServedStudent(PythonModel):
    """The student in the model's artefacts, with the code beside it."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the student, once for each process."""
        from gemquad.serving.predictor import Predictor

        self._predictor = Predictor.load(context.artifacts["student"])

    def predict(self, context: PythonModelContext, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """An answer for each row, in order; columns as the model's signature has them."""
        columns = [column.name for column in self._predictor.columns]
        rows = [dict(zip(columns, row, strict=True)) for row in model_input[columns].itertuples(index=False)]
        return pd.DataFrame(self._predictor.predict(rows))


set_model(ServedStudent())
