"""The state of every slot, as tensors: what its row asks for, and how far it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor, nn

from gemquad.generation.decoder.constraint import PassageTokens
from gemquad.generation.decoder.sampling import uniforms
from gemquad.tasks.requests import Field, SamplingSettings


@dataclass(frozen=True)
class DecoderRow:
    """A request ready to decode: token ids of its prompt, its passage in tokens, its plan and its settings.

    A plan is a list of fields: text that is given (its lead, in tokens), then text that the model writes, free or extracted from
    the passage, until a line break. Question-first is [question, answer]; answer-first is [answer, question].
    """

    prompt: list[int]
    passage: PassageTokens
    fields: Sequence[Field]
    leads: Sequence[list[int]]
    settings: SamplingSettings

    @property
    def room(self) -> int:
        """The most tokens that a completion may take: fields with their ends, and leads."""
        return sum(field.max_tokens + 1 for field in self.fields) + sum(map(len, self.leads))


@dataclass
class Slots:
    """A slot for each row on its way; every tensor is [slots] or [slots, …].

    The next token, `token`, will stand at `position`. A slot that is `done` is free for another row. `written`, `lead_at` and
    `only_blank` speak of the field number `field`: how many tokens of it are written and of its lead given, and whether nothing
    but white space is written. What was chosen in each of `steps` steps is kept in `tokens` and `events`.
    """

    token: Tensor
    position: Tensor
    done: Tensor
    field: Tensor
    written: Tensor
    lead_at: Tensor
    only_blank: Tensor
    draws: Tensor
    steps: Tensor
    tokens: Tensor  # [slots, steps]
    events: Tensor

    field_count: Tensor
    temperature: Tensor
    top_k: Tensor
    top_p: Tensor
    uniforms: Tensor  # [slots, numbers]

    extracts: Tensor  # [slots, fields], as the five below
    filled: Tensor
    greedy: Tensor
    limits: Tensor
    stop_biases: Tensor
    lead_begins: Tensor
    lead_ends: Tensor
    leads: Tensor  # [slots, tokens of all leads]

    ids: Tensor  # [slots, passage tokens], as the five below
    word_of: Tensor
    may_begin: Tensor
    may_end: Tensor
    next_places: Tensor
    last_places: Tensor
    words: Tensor  # [slots, distinct words of the passage]

    @classmethod
    def of(cls, rows: Sequence[DecoderRow], device: torch.device) -> "Slots":
        """One slot for each row, positioned before the last token of its prompt."""
        zeros = torch.zeros(len(rows), dtype=torch.long)
        steps = torch.zeros(len(rows), max(row.room for row in rows), dtype=torch.long)
        may_begin = _table([row.passage.may_begin for row in rows], torch.bool)
        lead_ends = _table([list(accumulate(map(len, row.leads))) for row in rows])
        slots = cls(
            token=torch.tensor([row.prompt[-1] for row in rows]),
            position=torch.tensor([len(row.prompt) - 1 for row in rows]),
            done=zeros.bool(),
            field=zeros,
            written=zeros,
            lead_at=zeros,
            only_blank=~zeros.bool(),
            draws=zeros,
            steps=zeros,
            tokens=steps,
            events=steps,
            field_count=torch.tensor([len(row.fields) for row in rows]),
            temperature=torch.tensor([row.settings.temperature for row in rows], dtype=torch.float),
            top_k=torch.tensor([row.settings.top_k for row in rows]),
            top_p=torch.tensor([row.settings.top_p for row in rows], dtype=torch.float),
            uniforms=_table([uniforms(row.settings.seed, row.room).tolist() for row in rows], torch.float),
            extracts=_of_fields(rows, lambda field: field.mode == "extract", torch.bool),
            filled=_of_fields(rows, lambda field: field.mode == "filled", torch.bool),
            greedy=_of_fields(rows, lambda field: field.greedy, torch.bool),
            limits=_of_fields(rows, lambda field: field.max_tokens),
            stop_biases=_of_fields(rows, lambda field: field.stop_bias, torch.float),
            lead_begins=_table([[0, *accumulate(map(len, row.leads[:-1]))] for row in rows]),
            lead_ends=lead_ends,
            leads=_table([[token for lead in row.leads for token in lead] for row in rows]),
            ids=_table([row.passage.ids for row in rows]),
            word_of=_table([row.passage.word_of for row in rows]),
            may_begin=may_begin,
            may_end=_table([row.passage.may_end for row in rows], torch.bool),
            next_places=may_begin,
            last_places=torch.zeros_like(may_begin),
            words=_table([row.passage.words for row in rows]),
        )
        return slots.map(lambda tensor: tensor.clone().to(device))

    def map(self, function: Callable[[Tensor], Tensor]) -> "Slots":
        """A copy of the slots with `function` applied to each tensor."""
        return Slots(**{field.name: function(getattr(self, field.name)) for field in fields(self)})

    def first(self, count: int) -> "Slots":
        """Views of the first `count` slots."""
        return self.map(lambda tensor: tensor[:count])

    def put(self, slots: Sequence[int], rows: "Slots") -> bool:
        """Assign `rows`, whose tables may be wider, to `slots`; a slot beyond the last one is added.

        Returns:
            Whether tensors are where they were; false where one had to be made larger.
        """
        stayed, count = True, max(*slots, len(self.done) - 1) + 1
        at = torch.tensor(slots, device=self.done.device)
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(rows, field.name)
            size = [count, *map(max, mine.shape[1:], theirs.shape[1:])]
            if list(mine.shape) != size:
                stayed, mine = False, _widened(mine, size)
                setattr(self, field.name, mine)
            mine[at] = _widened(theirs, [len(slots), *size[1:]])
        return stayed

    def move(self, source: int, target: int) -> None:
        """Copy the slot `source` over the slot `target`."""
        for field in fields(self):
            tensor = getattr(self, field.name)
            tensor[target] = tensor[source]

    def now(self, table: Tensor) -> Tensor:
        """The entry of a table [slots, fields] for each slot's current field; for a finished slot, of its last field."""
        return table.gather(1, self.field.clamp(max=table.shape[1] - 1)[:, None])[:, 0]


def _of_fields(rows: Sequence[DecoderRow], value: Callable[[Field], Any], dtype: torch.dtype = torch.long) -> Tensor:
    return _table([[value(field) for field in row.fields] for row in rows], dtype)


def _table(lists: Sequence[Sequence[Any]], dtype: torch.dtype = torch.long) -> Tensor:
    """[lists, longest, at least 1], filled up with zeros."""
    table = torch.zeros(len(lists), max(1, *map(len, lists)), dtype=dtype)
    for row, values in zip(table, lists, strict=True):
        row[: len(values)] = torch.as_tensor(values, dtype=dtype)
    return table


def _widened(tensor: Tensor, size: Sequence[int]) -> Tensor:
    """With zeros behind, in every dimension."""
    padding = [
        amount for old, new in zip(reversed(tensor.shape), reversed(size), strict=True) for amount in (0, new - old)
    ]
    return nn.functional.pad(tensor, padding)
