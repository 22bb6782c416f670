"""The student as an MLflow model: `mlflow.pyfunc.load_model`, `mlflow models serve`, a version in the model registry.

It carries its weights, this package's code, its signature, an example of its input and the versions it was made with, so that
nothing of this repository is needed where it runs.
"""

from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

import gemquad
from gemquad.copying import link_or_copy_files
from gemquad.files import read_json

NAME = "student"
_REQUIRED = (
    "mlflow",
    "numpy",
    "pandas",
    "pyarrow",
    "pyyaml",
    "safetensors",
    "tokenizers",
    "torch",
    "tqdm",
    "transformers",
)
"""What answering needs of the packages that training needs."""


def log_student(run: str, folder: Path, step: int) -> str:
    """Log the student in `folder` as the model of a run; the model's id. The run is finished afterwards.

    The run's metrics at `step` are the model's as well, so that MLflow can sort models by their scores.
    """
    import mlflow
    from mlflow.models import Model, ModelSignature
    from mlflow.types import ColSpec, DataType, Schema

    described = read_json(folder / "gemquad.json")

    def schema(columns: list[dict[str, Any]]) -> Schema:
        return Schema([ColSpec(DataType[c["type"]], c["name"], required=c.get("required", True)) for c in columns])

    with mlflow.start_run(run_id=run), TemporaryDirectory() as place:
        link_or_copy_files(
            folder, Path(place) / folder.name
        )  # without the judges that a student without gold has below it
        logged = Model.log(
            artifact_path=None,
            name=NAME,
            step=step,
            flavor=_Pyfunc,
            flavor_name=mlflow.pyfunc.FLAVOR_NAME,
            python_model=str(Path(__file__).with_name("served.py")),
            artifacts={"student": str(Path(place) / folder.name)},
            code_paths=[str(Path(gemquad.__file__).parent)],
            signature=ModelSignature(schema(described["inputs"]), schema(described["outputs"])),
            input_example=pd.DataFrame([described["example"]]),
            pip_requirements=[_requirement(name) for name in _REQUIRED],
            validate_serving_input=False,
        )
    return str(logged.model_id)


def _requirement(name: str) -> str:
    """The version that is installed; of a build such as torch's "2.13.0+cpu" the version that every index has."""
    return f"{name}=={version(name).split('+')[0]}"


class _Pyfunc:
    """MLflow's Python flavour, whose own `log_model` would try the example first: load torch and the student for every round."""

    @staticmethod
    def save_model(validate_serving_input: bool, **kwargs: Any) -> None:
        import mlflow

        mlflow.pyfunc.save_model(**kwargs)
