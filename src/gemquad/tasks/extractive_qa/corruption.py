"""Right answers made wrong in the ways in which generators err, so that it can be counted what the filter lets pass.

    neighbour_span    as many words beside the answer, in its sentence
    shifted_boundary  the answer with one or two words cut or added at one side
    wrong_sentence    as many words of another sentence: a number for a number, a name for a name where there is one
    foreign_question  the right answer, asked for by a question about another passage

Words are those of `spans`; in scripts without spaces every character is one. Of the spans that are possible those come first
that could be an answer: without punctuation inside, and without a word at either end that is in every fifth passage ("the").
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from gemquad.schema import Question
from gemquad.scoring.qa import normalize
from gemquad.text.spans import Span, is_word_character, occurrences, sentences, words

_COMMON, _FEWEST = 0.2, 3  # a common word is in this share of the passages, and in at least so many
_FOREIGN_TRIED = 20


@dataclass(frozen=True)
class Gold:
    """The questions of one language, and the words that are too common to begin or end an answer."""

    questions: Sequence[Question]
    common_words: frozenset[str]

    @staticmethod
    def of(questions: Sequence[Question]) -> "Gold":
        """Count for each word in how many of the passages it occurs."""
        passages = dict.fromkeys(question.passage for question in questions)
        found = Counter(word for text in passages for word in {_folded(text, span) for span in words(text)})
        least = max(_FEWEST, _COMMON * len(passages))
        return Gold(questions, frozenset(word for word, count in found.items() if count >= least))


@dataclass(frozen=True)
class Corrupted:
    """A wrong pair: the question `asked` about the passage of the corrupted question, answered by `span` of that passage."""

    corruption: str
    asked: Question
    span: Span


Candidates = Iterator[tuple[Question, Span]]
"""The question asked and the span that answers it, the most realistic first."""


def corrupt(question: Question, gold: Gold, first: int, rng: Random) -> Corrupted | None:
    """`question` with its first answer corrupted in way number `first` (modulo their count) or, where that cannot be, the next.

    The new answer is, up to normalisation, no answer of the question asked. None where no way leads to such a one.
    """
    ways = list(_WAYS.items())
    for number in range(first, first + len(ways)):
        corruption, way = ways[number % len(ways)]
        for asked, span in way(question, gold, rng):
            if _is_wrong(question.passage[span.start : span.end], asked):
                return Corrupted(corruption, asked, span)
    return None


def _neighbour_span(question: Question, gold: Gold, rng: Random) -> Candidates:
    answer, passage = _answer(question), question.passage

    def rank(span: Span) -> tuple[int, int, float]:
        distance = max(span.start - answer.end, answer.start - span.end)
        return _awkwardness(passage, span, gold), distance, rng.random()

    for spans in _spans_as_long(question, [_sentence(question)]):
        yield from ((question, span) for span in sorted(spans, key=rank) if _is_apart(span, question))


def _wrong_sentence(question: Question, gold: Gold, rng: Random) -> Candidates:
    passage, own = question.passage, _sentence(question)

    def rank(span: Span) -> tuple[bool, int, float]:
        same_shape = _shape(passage[span.start : span.end]) == _shape(question.answers[0])
        return not same_shape, _awkwardness(passage, span, gold), rng.random()

    for spans in _spans_as_long(question, [sentence for sentence in sentences(passage) if sentence != own]):
        yield from ((question, span) for span in sorted(spans, key=rank) if _is_apart(span, question))


def _shifted_boundary(question: Question, gold: Gold, rng: Random) -> Candidates:
    answer, sentence = _answer(question), _sentence(question)
    before = [word for word in words(question.passage) if sentence.start <= word.start and word.end <= answer.start]
    inside = [word for word in words(question.passage) if answer.start <= word.start and word.end <= answer.end]
    after = [word for word in words(question.passage) if answer.end <= word.start and word.end <= sentence.end]
    starts = [*before[-2:], *inside[1:3]]
    ends = [*inside[-3:-1], *after[:2]]
    moved = [Span(word.start, answer.end) for word in starts] + [Span(answer.start, word.end) for word in ends]
    yield from ((question, span) for span in rng.sample(moved, len(moved)))


def _foreign_question(question: Question, gold: Gold, rng: Random) -> Candidates:
    others = [other for other in gold.questions if other.passage != question.passage]
    yield from ((other, _answer(question)) for other in rng.sample(others, min(_FOREIGN_TRIED, len(others))))


_WAYS: dict[str, Callable[[Question, Gold, Random], Candidates]] = {
    "neighbour_span": _neighbour_span,
    "shifted_boundary": _shifted_boundary,
    "wrong_sentence": _wrong_sentence,
    "foreign_question": _foreign_question,
}
CORRUPTIONS = tuple(_WAYS)


def _is_wrong(text: str, asked: Question) -> bool:
    normalized = normalize(text, asked.language)
    return bool(normalized) and all(normalized != normalize(answer, asked.language) for answer in asked.answers)


def _is_apart(span: Span, question: Question) -> bool:
    """Whether `span` neither overlaps an answer nor has its text, or a part of it, once more."""
    text = question.passage[span.start : span.end]
    return all(
        (span.end <= start or start + len(answer) <= span.start)
        and not occurrences(text, answer)
        and not occurrences(answer, text)
        for answer, start in zip(question.answers, question.answer_starts, strict=True)
    )


def _spans_as_long(question: Question, within: Iterable[Span]) -> Iterator[list[Span]]:
    """All spans of as many words as the answer has, each within one of the sentences; then shorter ones, down to half of it."""
    answer = _answer(question)
    all_words = words(question.passage)
    by_sentence = [[w for w in all_words if s.start <= w.start and w.end <= s.end] for s in within]
    longest = max(1, sum(word.start < answer.end and answer.start < word.end for word in all_words))
    for count in range(longest, (longest - 1) // 2, -1):
        yield [
            Span(held[at].start, held[at + count - 1].end)
            for held in by_sentence
            for at in range(len(held) - count + 1)
        ]


def _awkwardness(passage: str, span: Span, gold: Gold) -> int:
    """0 for what could be an answer; 1 more for punctuation inside, for a common first word and for a common last word."""
    text = passage[span.start : span.end]
    ends = [_folded(text, word) for word in (words(text)[0], words(text)[-1])]
    return any(not (is_word_character(c) or c.isspace()) for c in text) + sum(e in gold.common_words for e in ends)


def _shape(text: str) -> str:
    if any(character.isdigit() for character in text):
        return "number"
    return "name" if text[0].isupper() else "other"


def _answer(question: Question) -> Span:
    return Span(question.answer_starts[0], question.answer_starts[0] + len(question.answers[0]))


def _sentence(question: Question) -> Span:
    """The sentence in which the answer begins."""
    return next(span for span in sentences(question.passage) if question.answer_starts[0] < span.end)


def _folded(text: str, word: Span) -> str:
    return text[word.start : word.end].casefold()
