"""What the generator is asked for a task, and how its completions are read."""

from typing import Any

from gemquad.params import Generation
from gemquad.tasks.prompts.base import AnyPrompter
from gemquad.tasks.prompts.labels import LabelPrompter
from gemquad.tasks.prompts.passages import PassagePrompter
from gemquad.tasks.settings import ExtractiveQA, read_settings


def load_prompter(task: dict[str, Any], prompting: dict[str, Any], generation: Generation) -> AnyPrompter:
    """The prompts of the `task`, `prompting` and `generation` sections of params.yaml.

    Raises:
        UserError: a section does not fit the kind of task.
    """
    settings = read_settings(task)
    if isinstance(settings, ExtractiveQA):
        return PassagePrompter(prompting, generation)
    return LabelPrompter(settings, prompting, generation)
