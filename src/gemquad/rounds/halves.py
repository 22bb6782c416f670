"""Dev in halves, where one is to value pairs (`filter.weights: value`): the other is left to score what was selected."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from gemquad.errors import UserError
from gemquad.schema import Example
from gemquad.tasks.base import AnyDefinition

E = TypeVar("E", bound=Example)


def dev_halves(dev: Sequence[E], task: AnyDefinition) -> tuple[list[E], list[E]]:
    """The half of dev that values pairs, and the half that scores the choice; a group (a passage) is in one of them.

    Each language is halved by itself: its groups, in the order of their SHA-256, go to one half and to the other in turn.

    Raises:
        UserError: a language has one group alone.
    """
    half_of: dict[tuple[str, str], int] = {}
    for language in dict.fromkeys(example.language for example in dev):
        groups = {task.group(example) for example in dev if example.language == language}
        if len(groups) < 2:
            raise UserError(
                f"all dev examples of '{language}' (data.languages.{language}.dev) are of one passage or text, which cannot be "
                "halved to value pairs. Name a larger file, or choose other filter.weights."
            )
        ordered = sorted(groups, key=lambda group: hashlib.sha256(group.encode()).digest())
        half_of.update({(language, group): number % 2 for number, group in enumerate(ordered)})
    first, second = ([one for one in dev if half_of[one.language, task.group(one)] == half] for half in (0, 1))
    return first, second
