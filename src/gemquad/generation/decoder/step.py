"""Choose the next token of every slot on the device alone, so that the host never waits for a value.

A slot is in one of three states. Its field's lead is given token by token; or it writes freely, and a token that ends a line ends
the field; or it extracts, choosing among the passage's words that keep the answer in the passage, and the field's end. A field that
runs into its limit ends the row unfinished.
"""

from enum import IntEnum

import torch
from torch import Tensor

from gemquad.generation.decoder.constraint import allowed_words, follow, may_stop
from gemquad.generation.decoder.head import OutputHead
from gemquad.generation.decoder.sampling import draw
from gemquad.generation.decoder.slots import Slots
from gemquad.generation.decoder.vocabulary import Vocabulary

Rows = Tensor | slice


class TokenEvent(IntEnum):
    """What a step did with the chosen token."""

    GIVEN = 0
    WRITTEN = 1
    ENDED = 2
    WRITTEN_AND_ENDED = 3
    GIVEN_UP = 4


class Chooser:
    """Chooses tokens by a model's `head` and `vocabulary`.

    Attributes:
        most: no slot's top-k is larger.
        selective: compute logits only for the slots that need them, which is to ask the device which these are; else for all.
    """

    def __init__(self, head: OutputHead, vocabulary: Vocabulary, selective: bool) -> None:
        self._head, self._vocabulary = head, vocabulary
        self.most, self.selective = 0, selective

    def choose(self, slots: Slots, hidden: Tensor) -> None:
        """Choose a token in each slot and update the slots; `hidden` are the last hidden states, [slots, hidden]."""
        given = ~slots.done & (slots.lead_at < slots.now(slots.lead_ends) - slots.now(slots.lead_begins))
        chooses, extracts = ~(given | slots.done), slots.now(slots.extracts)
        free, extracting = chooses & ~extracts, chooses & extracts
        place = (slots.now(slots.lead_begins) + slots.lead_at).clamp(max=slots.leads.shape[1] - 1)
        token = slots.leads.gather(1, place[:, None])[:, 0]
        stops, stuck = torch.zeros_like(free), torch.zeros_like(free)
        for rows in self._those(free):
            token[rows] = torch.where(free[rows], self._draw(slots, hidden, rows), token[rows])
        for rows in self._those(extracting):
            word, stop, nothing = self._extract(slots, hidden, rows)
            token[rows] = torch.where(extracting[rows], word, token[rows])
            stops[rows], stuck[rows] = stop & extracting[rows], nothing & extracting[rows]

        breaks = free & self._vocabulary.is_pure[token]
        given_up = stuck | (free & ~breaks & (slots.written == slots.now(slots.limits)))
        writes = chooses & ~breaks & ~stops & ~given_up
        mixed = writes & free & self._vocabulary.is_mixed[token]
        ends = breaks | stops | mixed
        slots.draws += free | (extracting & ~slots.now(slots.greedy))
        _record(slots, token, writes * TokenEvent.WRITTEN + ends * TokenEvent.ENDED + given_up * TokenEvent.GIVEN_UP)
        _advance(slots, token, given, writes, ends, self._vocabulary.is_blank)
        slots.token.copy_(torch.where(given | writes, token, self._vocabulary.line_break))
        slots.done |= given_up | (slots.field == slots.field_count)
        slots.position += ~slots.done

    def _those(self, wanted: Tensor) -> list[Rows]:
        """The wanted slots, if there are any; all of them where to find out would be to wait."""
        if not self.selective:
            return [slice(None)]
        rows = wanted.nonzero()[:, 0]
        return [rows] if len(rows) else []

    def _draw(self, slots: Slots, hidden: Tensor, rows: Rows) -> Tensor:
        """Token ids [rows] from the whole vocabulary. A field to be filled does not end before it has a word."""
        logits = self._head.all(hidden[rows])
        must_begin = (slots.now(slots.filled) & slots.only_blank)[rows]
        endings = self._vocabulary.empty_endings
        logits.index_copy_(1, endings, logits[:, endings].masked_fill(must_begin[:, None], -torch.inf))
        return draw(
            logits, slots.temperature[rows], slots.top_k[rows], slots.top_p[rows], _uniform(slots)[rows], self.most
        )

    def _extract(self, slots: Slots, hidden: Tensor, rows: Rows) -> tuple[Tensor, Tensor, Tensor]:
        """Choose among the words that keep the answer in its passage, and its end; `greedy` fields take the likeliest.

        Returns:
            Token ids, whether the answer ends instead, and whether there is nothing to choose from; [rows] each.
        """
        words = slots.words[rows]  # (rows, words of the passage)
        allowed = allowed_words(slots.next_places[rows], slots.word_of[rows], words)
        allowed &= (slots.written < slots.now(slots.limits))[rows, None]
        # (rows, words + 1): the last choice is to stop
        choices = torch.cat([allowed, may_stop(slots.last_places[rows], slots.may_end[rows])[:, None]], 1)
        stopping = self._head.some(hidden[rows], self._vocabulary.pure_endings).logsumexp(1, keepdim=True)  # (rows, 1)
        scores = torch.cat(
            [self._head.some(hidden[rows], words), stopping + slots.now(slots.stop_biases)[rows, None]], 1
        )
        temperature = torch.where(slots.now(slots.greedy), 0.0, slots.temperature)[rows]
        choice = draw(
            scores.masked_fill(~choices, -torch.inf),
            temperature,
            torch.full_like(slots.top_k[rows], scores.shape[1]),
            torch.ones_like(temperature),
            _uniform(slots)[rows],
        )
        word = words.gather(1, choice.clamp(max=words.shape[1] - 1)[:, None])[:, 0]
        return word, choice == words.shape[1], ~choices.any(1)


def _uniform(slots: Slots) -> Tensor:
    """The next random number of every slot."""
    return slots.uniforms.gather(1, slots.draws.clamp(max=slots.uniforms.shape[1] - 1)[:, None])[:, 0]


def _record(slots: Slots, token: Tensor, event: Tensor) -> None:
    """Keep what was chosen; done slots keep what they have."""
    at = slots.steps.clamp(max=slots.tokens.shape[1] - 1)[:, None]
    for kept, new in ((slots.tokens, token), (slots.events, event)):
        kept.scatter_(1, at, torch.where(slots.done[:, None], kept.gather(1, at), new[:, None]))
    slots.steps += ~slots.done


def _advance(slots: Slots, token: Tensor, given: Tensor, writes: Tensor, ends: Tensor, is_blank: Tensor) -> None:
    """Move on by one token, and where a field `ends` to the next field. Places in the passage mean nothing to a free field."""
    wrote, ended = writes[:, None], ends[:, None]
    next_places, last_places = follow(slots.ids, slots.next_places, token)
    slots.next_places.copy_(torch.where(ended, slots.may_begin, torch.where(wrote, next_places, slots.next_places)))
    slots.last_places.copy_(torch.where(wrote, last_places, slots.last_places) & ~ended)
    slots.only_blank.copy_(ends | (slots.only_blank & (~writes | is_blank[token])))
    slots.lead_at.copy_(torch.where(ends, 0, slots.lead_at + given))
    slots.written.copy_(torch.where(ends, 0, slots.written + writes))
    slots.field += ends
