"""What the generator is asked for a task, and how its completions are read."""

from gemquad.params import Generation
from gemquad.tasks.prompting import PassagePrompting, Prompting, Wording
from gemquad.tasks.prompts.base import AnyPrompter
from gemquad.tasks.prompts.labels import LabelPrompter
from gemquad.tasks.prompts.passages import PassagePrompter
from gemquad.tasks.settings import ExtractiveQA, Settings


def load_prompter(task: Settings, prompting: Prompting, generation: Generation) -> AnyPrompter:
    """The prompts of the `task`, `prompting` and `generation` sections of params.yaml, which go together."""
    if isinstance(task, ExtractiveQA) and isinstance(prompting, PassagePrompting):
        return PassagePrompter(prompting, generation)
    assert not isinstance(task, ExtractiveQA) and isinstance(prompting, Wording)
    return LabelPrompter(task, prompting, generation)
