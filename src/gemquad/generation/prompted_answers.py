"""The generator itself solves the task, zero-shot or beside exemplars: what a student trained on its texts is held against."""

from collections.abc import Sequence
from typing import Any

from gemquad.errors import UserError
from gemquad.generation.engine import Engine
from gemquad.schema import Example
from gemquad.tasks.answers import Answer
from gemquad.tasks.prompter import AnyPrompter


def prompted_answers(
    examples: Sequence[Example], exemplars: Sequence[Any], engine: Engine, prompter: AnyPrompter
) -> list[Answer]:
    """The generator's answer to each example, in order.

    Raises:
        UserError: the backend cannot score continuations, and the task's answers are such.
    """
    requests = [prompter.solve_requests(example, exemplars) for example in examples]
    if not engine.backend.capabilities.likelihoods and any(request.continuation for own in requests for request in own):
        raise UserError(
            "comparison.systems names an LLM that is prompted, which needs the likelihood of each label; the backend "
            f"'{engine.backend.identity['backend']}' cannot tell it. Leave the system out, or take backend=transformers."
        )
    results = iter(
        engine.complete([request for own in requests for request in own], "asking the generator", "requests")
    )
    return [
        prompter.read_answer(example, [next(results)[1] for _ in own])
        for example, own in zip(examples, requests, strict=True)
    ]
