"""A JSON file of a run: apart from what such files hold, so that who reads one of them does not depend on all."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import TypeAdapter

R = TypeVar("R")


@dataclass(frozen=True)
class ResultFile(Generic[R]):
    """The type that the file holds, and the stage of `dvc.yaml` that writes it."""

    holds: TypeAdapter[R]
    stage: str
