"""Build the prompts: exemplars and one passage each, with sampling settings drawn for that prompt alone.

A passage's first prompt shows the same exemplars as every other passage's first prompt of its language, its second the same as
every second, and so on: what prompts have in common is computed once (`decoder/batching.py`), and a passage still sees as many
draws of exemplars as it has prompts.

The draw is made here and recorded in the prompt's row, so that it is versioned with it: what a request returns depends on its
row, not on when or beside what it runs (GeMQuAD section 3.1).
"""

import hashlib
import random
from collections.abc import Sequence

from gemquad.errors import UserError
from gemquad.params import Prompting, Sampling
from gemquad.schema import Passage, Prompt, Question
from gemquad.spans import Span, sentences
from gemquad.tasks.base import Task


def build_prompts(
    exemplars: Sequence[Question],
    passages: Sequence[Passage],
    prompting: Prompting,
    sampling: Sampling,
    seed: int,
    task: Task,
) -> list[Prompt]:
    """`prompting.prompts_per_passage` prompts for every passage, in the order of the passages.

    Raises:
        UserError: a language has fewer exemplar passages than `prompting.shots`.
    """
    pools = {language: [e for e in exemplars if e.language == language] for language in {p.language for p in passages}}
    for language, pool in sorted(pools.items()):
        distinct = len({exemplar.passage for exemplar in pool})
        if distinct < prompting.shots:
            raise UserError(
                f"language '{language}' has exemplars over {distinct} passage(s), prompting.shots asks for "
                f"{prompting.shots}. Add exemplars or lower the shots: -S prompting.shots={distinct}."
            )
    drawn = {
        (language, number): _draw_exemplars(pool, prompting.shots, random.Random(_seed(seed, f"{language}-{number}")))
        for language, pool in pools.items()
        for number in range(prompting.prompts_per_passage)
    }
    prompts = []
    for passage in passages:
        for number in range(prompting.prompts_per_passage):
            identifier = f"{passage.language}-{passage.id}-{number}"
            draw = random.Random(_seed(seed, identifier))
            focus = _focus(passage.text, number, prompting)
            exemplars_shown = drawn[passage.language, number]
            shown = [(_shown(exemplar, prompting), exemplar) for exemplar in exemplars_shown]
            prompts.append(
                Prompt(
                    id=identifier,
                    language=passage.language,
                    passage_id=passage.id,
                    passage=passage.text,
                    focus_start=focus.start,
                    focus_end=focus.end,
                    exemplar_ids=[exemplar.id for exemplar in exemplars_shown],
                    text=task.prompt(shown, passage.text[focus.start : focus.end], passage.language, prompting),
                    temperature=round(draw.uniform(*sampling.temperature), 4),
                    top_k=draw.randint(*sampling.top_k),
                    top_p=round(draw.uniform(*sampling.top_p), 4),
                    seed=draw.getrandbits(32),
                )
            )
    return prompts


def _draw_exemplars(pool: Sequence[Question], shots: int, draw: random.Random) -> list[Question]:
    """`shots` exemplars, no two over the same passage."""
    by_passage: dict[str, list[Question]] = {}
    for exemplar in pool:
        by_passage.setdefault(exemplar.passage, []).append(exemplar)
    return [draw.choice(by_passage[passage]) for passage in draw.sample(sorted(by_passage), shots)]


def _focus(passage: str, number: int, prompting: Prompting) -> Span:
    """What the passage's prompt `number` shows: all of it, or its sentences in turn."""
    if prompting.focus == "passage":
        return Span(0, len(passage))
    spans = list(sentences(passage))
    return spans[number % len(spans)]


def _shown(exemplar: Question, prompting: Prompting) -> str:
    """What a prompt shows of an exemplar's passage: all of it, or the sentence (or sentences) of its answer."""
    if prompting.focus == "passage":
        return exemplar.passage
    begin, end = exemplar.answer_starts[0], exemplar.answer_starts[0] + len(exemplar.answers[0])
    touched = [s for s in sentences(exemplar.passage) if s.start < end and s.end > begin]
    return exemplar.passage[touched[0].start : max(end, touched[-1].end)]


def _seed(seed: int, identifier: str) -> int:
    """A prompt's own seed: independent of its neighbours, so that more prompts per passage keep the earlier ones as they are."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{identifier}".encode()).digest()[:8])
