"""The student as an MLflow model: `mlflow.pyfunc.load_model`, `mlflow models serve`, a version in the model registry.

It carries weights, this package's code (MLflow runs this module), signature, example and versions: nothing of this repository is
needed where it runs. In a local store its files are links to DVC's, which nobody can write; another store is sent them once.
"""

import json
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlflow
import pandas as pd
from mlflow.models import Model, ModelSignature, set_model
from mlflow.pyfunc import PythonModel, PythonModelContext

import gemquad
from gemquad.copying import link_or_copy
from gemquad.files import read_json

_REQUIRED = "mlflow numpy pandas pyarrow pyyaml safetensors tokenizers torch tqdm transformers"
"""What answering needs of the packages that training needs."""


class ServedStudent(PythonModel):
    """The student in the model's artefacts, with the code beside it: a row in, an answer out."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the student, once for each process."""
        from gemquad.serving.predictor import Predictor

        self._predictor = Predictor.load(Path(context.artifacts["description"]).parent)

    def predict(self, context: PythonModelContext, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """An answer for each row, in order; columns as the model's signature has them."""
        names = [column.name for column in self._predictor.columns]
        rows = [dict(zip(names, row, strict=True)) for row in model_input[names].itertuples(index=False)]
        return pd.DataFrame(self._predictor.predict(rows))


set_model(ServedStudent())


def log_student(client: Any, run: str, folder: Path, step: int) -> str:
    """Log the student in `folder` as the model of a run, with the run's metrics at `step`; the model's id. It finishes the run."""

    def save_model(validate_serving_input: bool, **kwargs: Any) -> None:
        """As MLflow's own, which would refuse the wish not to try the example: that loads torch and the student."""
        mlflow.pyfunc.save_model(**kwargs)

    described = read_json(folder / "gemquad.json")
    with mlflow.start_run(run_id=run):
        logged = Model.log(
            artifact_path=None,
            name="student",
            step=step,
            flavor=SimpleNamespace(save_model=save_model),
            flavor_name=mlflow.pyfunc.FLAVOR_NAME,
            python_model=__file__,
            artifacts={"description": str(folder / "gemquad.json")},  # the weights MLflow would copy twice
            code_paths=[str(Path(gemquad.__file__).parent)],
            signature=ModelSignature.from_dict({side: json.dumps(described[side]) for side in ("inputs", "outputs")}),
            input_example=pd.DataFrame([described["example"]]),
            pip_requirements=[f"{name}=={version(name).split('+')[0]}" for name in _REQUIRED.split()],  # no "+cpu"
            validate_serving_input=False,
        )
    _add_files(client.get_logged_model(logged.model_id).artifact_location, folder)
    return str(logged.model_id)


def _add_files(location: str, folder: Path) -> None:
    """Add the student's files to its artefacts at `location`, but for the judges that one without gold has in folders below it."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

    store, below = get_artifact_repository(location), "artifacts"
    for file in (path for path in folder.iterdir() if path.is_file()):
        if isinstance(store, LocalArtifactRepository) and not file.stat().st_mode & 0o222:  # DVC protects it
            link_or_copy(file, Path(store.artifact_dir) / below / file.name)
        else:
            store.log_artifact(str(file), below)
