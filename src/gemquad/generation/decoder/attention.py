"""Attention for sequences in slots: a forward pass reads packed tokens, of many sequences and without padding.

transformers' models call any registered attention function and hand their keyword arguments through to it (its
AttentionInterface). Ours is told by `packed` which slot and position each token has, keeps keys and values itself, and masks
by position; the model sees one long row.
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface

NAME = "gemquad_slots"


class KeyValues:
    """Keys and values of every layer, [slots, key heads, columns, size] each; column i of a slot is its position i."""

    def __init__(self, slots: int, columns: int) -> None:
        self.slots, self.columns = slots, columns
        self.layers: dict[int, tuple[Tensor, Tensor]] = {}

    def layer(self, number: int, like: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of a layer; allocated as zeros when its first key, [key heads, tokens, size], is known."""
        if number not in self.layers:
            shape = (self.slots, like.shape[0], self.columns, like.shape[-1])
            self.layers[number] = (like.new_zeros(shape), like.new_zeros(shape))
        return self.layers[number]

    def grow(self, slots: int, columns: int) -> bool:
        """Make room for at least so many slots and columns; returns whether there was room already."""
        if slots <= self.slots and columns <= self.columns:
            return True
        self.slots, self.columns = max(slots, self.slots), max(columns, self.columns)
        for number, (keys, values) in self.layers.items():
            self.layers[number] = (self._grown(keys), self._grown(values))
        return False

    def _grown(self, old: Tensor) -> Tensor:
        new = old.new_zeros(self.slots, old.shape[1], self.columns, old.shape[3])
        new[: old.shape[0], :, : old.shape[2]] = old
        return new

    def begin(self, slots: Tensor, prefix: "KeyValues") -> None:
        """Copy everything that the one slot of `prefix` holds to the beginning of `slots`."""
        for number, parts in prefix.layers.items():
            for mine, part in zip(self.layer(number, parts[0][0]), parts, strict=True):
                mine[slots, :, : prefix.columns] = part

    def move(self, source: int, target: int, columns: int) -> None:
        """Copy the first columns of the slot `source` over those of the slot `target`."""
        for parts in self.layers.values():
            for part in parts:
                part[target, :, :columns] = part[source, :, :columns]


class Packed:
    """The tokens of one forward pass: `slots` and `positions` of each, both [tokens].

    Where each of the first slots has one token, in order, that is all (a decoding step). Otherwise `lengths` says how many
    tokens each sequence has, one sequence after the other. Attention reads the first `columns` columns.
    """

    def __init__(
        self, store: KeyValues, slots: Tensor, positions: Tensor, columns: int, lengths: list[int] | None = None
    ) -> None:
        self.store, self.slots, self.positions, self.columns = store, slots, positions, columns
        self._masks: dict[int | None, Tensor] = {}
        self._padded: Tensor | None = None
        if lengths is not None:
            device = positions.device
            counts = torch.tensor(lengths, device=device)
            begins = counts.cumsum(0) - counts
            self._row = torch.repeat_interleave(
                torch.arange(len(lengths), device=device), counts, output_size=sum(lengths)
            )
            self._place = torch.arange(sum(lengths), device=device) - begins[self._row]
            # [sequences, longest]: the packed token that is a sequence's i-th; its last one where it has fewer
            places = torch.arange(max(lengths), device=device).minimum(counts[:, None] - 1)
            self._padded = begins[:, None] + places
            self.last = begins + counts - 1
            self._sequences = slots[begins]

    def write(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Store the tokens' keys and values, [key heads, tokens, size]; returns those of all their sequences so far.

        Returns:
            Twice [sequences, key heads, columns, size].
        """
        keys, values = self.store.layer(layer, key)
        keys[self.slots, :, self.positions] = key.transpose(0, 1)
        values[self.slots, :, self.positions] = value.transpose(0, 1)
        if self._padded is None:
            rows = len(self.slots)
            return keys[:rows, :, : self.columns], values[:rows, :, : self.columns]
        return keys[self._sequences, :, : self.columns], values[self._sequences, :, : self.columns]

    def by_sequence(self, query: Tensor) -> Tensor:
        """Pad queries [heads, tokens, size] to [sequences, heads, longest, size]."""
        if self._padded is None:
            return query.transpose(0, 1)[:, :, None]
        return query[:, self._padded].transpose(0, 1)

    def pack(self, output: Tensor) -> Tensor:
        """From [sequences, heads, longest, size] to [tokens, heads, size], without the padding."""
        return output[:, :, 0] if self._padded is None else output[self._row, :, self._place]

    def mask(self, window: int | None, heads_per_key: int) -> Tensor:
        """Which columns a query sees, [sequences, 1, heads_per_key x longest, columns] (or 1 in place of the third)."""
        if window not in self._masks:
            queries = self.positions[:, None] if self._padded is None else self.positions[self._padded]
            columns = torch.arange(self.columns, device=queries.device)
            seen = columns <= queries[..., None]
            if window is not None:
                seen &= columns > queries[..., None] - window
            longest = seen.shape[1]
            if longest > 1:
                seen = seen[:, None].expand(-1, heads_per_key, -1, -1).flatten(1, 2)
            self._masks[window] = seen[:, None]
        return self._masks[window]


def attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    packed: Packed,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """Attention as transformers calls it: query [1, heads, tokens, size], key and value [1, key heads, tokens, size].

    Heads that share a key head are taken for further queries of it, so that keys and values are never repeated.

    Returns:
        [1, tokens, heads, size], and no weights.
    """
    keys, values = packed.write(int(module.layer_idx), key[0], value[0])  # type: ignore[arg-type]  # to torch any attribute may be a module
    queries = packed.by_sequence(query[0])
    rows, heads, longest, size = queries.shape
    key_heads = keys.shape[1]
    output = nn.functional.scaled_dot_product_attention(
        queries.reshape(rows, key_heads, -1, size),
        keys,
        values,
        attn_mask=packed.mask(sliding_window, heads // key_heads),
        scale=scaling,
    )
    return packed.pack(output.reshape(rows, heads, longest, -1))[None], None


AttentionInterface.register(NAME, attend)
