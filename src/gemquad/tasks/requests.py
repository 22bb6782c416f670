"""A request to the generator and its result: what tasks, engine and backends exchange."""

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter

from gemquad.text.spans import Span

_BETWEEN_FIELDS = 8  # tokens of a line break and a short lead
_STORED_AS = {"continuation": "given", "stop_bias": "ending_bonus"}  # fields renamed since; another name is another key
_SHORT_LEAD = 10  # characters; in scripts without spaces, where a lead is a sentence, each may be a token


@dataclass(frozen=True)
class Field:
    """A part of a completion: text given before it, then up to `max_tokens` tokens that the model writes.

    Attributes:
        lead: what stands between the line break that ended the field before and this field; "" for the first.
        mode: "free" is sampled with the request's settings; so is "filled", which does not end before it has begun; "extract"
            keeps to substrings of the passage.
        greedy: take the likeliest extracted token instead of drawing at the request's temperature.
        stop_bias: added to the logit of stopping an extraction; a base model tends to copy on and on.
    """

    name: str
    lead: str
    mode: Literal["free", "filled", "extract"]
    max_tokens: int
    greedy: bool = False
    stop_bias: float = 0.0

    @property
    def room(self) -> int:
        """The most tokens that the field takes, with its lead and its line break."""
        long_lead = len(self.lead) if len(self.lead) > _SHORT_LEAD else 0
        return self.max_tokens + _BETWEEN_FIELDS + long_lead


@dataclass(frozen=True)
class SamplingSettings:
    """How one request is sampled; `temperature` 0 is greedy."""

    temperature: float
    top_k: int
    top_p: float
    seed: int


GREEDY = SamplingSettings(temperature=0.0, top_k=1, top_p=1.0, seed=0)


@dataclass(frozen=True)
class Request:
    """Everything that decides a completion: the prompt, the fields to write after it, and the sampling settings.

    Attributes:
        source: the text of which "extract" fields are pieces; "" where there are none.
        continuation: not to be written but scored: the request asks how likely this text is after `prompt`, and has no fields.
        name: what messages call it; it decides nothing.
    """

    prompt: str
    source: str = ""
    fields: tuple[Field, ...] = ()
    settings: SamplingSettings = GREEDY
    continuation: str = ""
    name: str = field(default="", compare=False)

    @property
    def max_tokens(self) -> int:
        """The most tokens that a completion takes: the fields' limits and the text between them."""
        return sum(field.room for field in self.fields)

    def to_json(self) -> str:
        """The request as JSON; equal requests give equal text, as it is part of the store's key."""
        return json.dumps(self, default=_stored, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Request":
        """The request that `to_json` wrote."""
        values = json.loads(text, object_hook=_loaded)
        fields = tuple(Field(**field) for field in values.pop("fields"))
        return cls(fields=fields, settings=SamplingSettings(**values.pop("settings")), **values)


@dataclass
class GenerationResult:
    """The result of one request. `finished` is false where a field reached its token limit.

    `spans[name]` are the places in `source` where an extracted field may stand, if the backend knows them. `logprob` is the
    log-probability of the `continuation`, in nats and at temperature 1. `rejected` is the outcome of what cannot be read at all:
    filtered or refused by a server.
    """

    texts: dict[str, str] = field(default_factory=dict)
    spans: dict[str, list[Span]] = field(default_factory=dict)
    logprob: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    finished: bool = False
    rejected: str = ""

    def to_json(self) -> str:
        """The result as JSON, for the store."""
        return json.dumps(self, default=vars, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> "GenerationResult":
        """The result that `to_json` wrote; a `ValueError` where it wrote nothing like it."""
        return _RESULT.validate_json(text, strict=True)


_RESULT = TypeAdapter(GenerationResult)


def _stored(value: object) -> dict[str, Any]:
    values = vars(value).items()
    return {
        _STORED_AS.get(name, name): one for name, one in values if not (name == "name" and isinstance(value, Request))
    }


def _loaded(values: dict[str, Any]) -> dict[str, Any]:
    names = {stored: name for name, stored in _STORED_AS.items()}
    return {names.get(name, name): one for name, one in values.items()}
