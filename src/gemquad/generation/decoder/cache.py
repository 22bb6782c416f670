"""A key-value cache whose layers grow in place, and start from prefixes that were computed once.

transformers' `DynamicCache` copies all keys and values at every decoded token, which on a CPU costs as much as the model
itself. Here a layer keeps spare room and writes the new token into it.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor
from transformers.cache_utils import Cache, DynamicLayer

_ROOM = 64


class GrowingLayer(DynamicLayer):
    """Like `DynamicLayer` ([rows, heads, tokens, size]), with room for `_ROOM` more tokens behind the last one."""

    def __init__(self) -> None:
        super().__init__()
        self._rooms: list[Tensor] = []

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Append along the token axis; returns views of all keys and values so far."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        length = self.get_seq_length()
        total = length + key_states.shape[-2]
        if not self._rooms or self._rooms[0].shape[-2] < total:
            self._rooms = [_roomier(self.keys, key_states, total), _roomier(self.values, value_states, total)]
        for room, new in zip(self._rooms, (key_states, value_states), strict=True):
            room[..., length:total, :] = new
        self.keys, self.values = (room[..., :total, :] for room in self._rooms)
        return self.keys, self.values

    def start(self, prefixes: Sequence[Any], used: Sequence[int]) -> None:
        """Begin with the first `used[row]` tokens of every row's prefix, a layer of one row; padded on the left."""
        self.lazy_initialization(prefixes[0].keys, prefixes[0].values)
        width = max(used)
        shape = (len(used), prefixes[0].keys.shape[1], width + _ROOM, prefixes[0].keys.shape[-1])
        self._rooms = [prefixes[0].keys.new_zeros(shape), prefixes[0].values.new_zeros(shape)]
        for row, (prefix, tokens) in enumerate(zip(prefixes, used, strict=True)):
            for room, part in zip(self._rooms, (prefix.keys, prefix.values), strict=True):
                room[row, :, width - tokens : width] = part[0, :, :tokens]
        self.keys, self.values = (room[..., :width, :] for room in self._rooms)

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep only the rows `indices`."""
        super().batch_select_indices(indices)
        self._rooms = []


def _roomier(past: Tensor | None, new: Tensor, total: int) -> Tensor:
    room = new.new_empty(*new.shape[:2], total + _ROOM, new.shape[-1])
    if past is not None and past.numel():
        room[..., : past.shape[-2], :] = past
    return room


def growing_cache(layers: int) -> Cache:
    """A cache for a decoder of `layers` layers. Sliding-window layers keep everything; their mask hides what is too old."""
    return Cache(layers=[GrowingLayer() for _ in range(layers)])


def started_cache(prefixes: Sequence[Cache], used: Sequence[int]) -> Cache:
    """A cache whose row i begins with the first `used[i]` tokens of the growing cache `prefixes[i]`; all rows end together."""
    layers: list[Any] = []
    for number in range(len(prefixes[0].layers)):
        layer = GrowingLayer()
        layer.start([prefix.layers[number] for prefix in prefixes], used)
        layers.append(layer)
    return Cache(layers=layers)
