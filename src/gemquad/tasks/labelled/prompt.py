"""Prompts for texts of a given label (JapaGen, arXiv 2412.06738; ZeroGen, 2202.07922), and for the label of a given text.

A prompt asks in the target language for a text of one label, after exemplars of that label; for a pair, the second text is asked
for after the first has been written. The labels take turns, so that they are balanced. Some prompts name a task word that the
text shall hold, drawn anew for each, so that texts differ (JapaGen's knowledge-assisted prompts).
"""

import math
import random
from collections import Counter
from collections.abc import Sequence

from gemquad.errors import UserError
from gemquad.params import Generation, Sampling
from gemquad.schema import LabelledText, LabelPrompt
from gemquad.tasks.answers import Answer
from gemquad.tasks.draws import draw_settings, own_draw
from gemquad.tasks.prompter import OK, ParsedCompletion, PromptSources
from gemquad.tasks.prompting import LABEL, WORDS, LabelPrompting
from gemquad.tasks.requests import Field, GenerationResult, Request, SamplingSettings
from gemquad.tasks.settings import Classification, Similarity

_SHARING = 8
"""So many prompts of a label in a row show the same exemplars, so that these are computed once."""


class LabelPrompter:
    """A prompt repeats a block, solved for every exemplar; what the generator writes is in angle brackets:

    写真の説明文を一つ書いてください。「犬」を入れてください。
    文1: <text>
    文2（文1から必ず正しいと言える内容）: <second text>
    """

    def __init__(self, task: Classification | Similarity, prompting: LabelPrompting, generation: Generation) -> None:
        self._prompting, self._labels = prompting, list(prompting.labels)
        self._pairs = task.columns.second is not None
        self._numbers = isinstance(task, Similarity)
        self._max_tokens = generation.max_text_tokens

    def prompts(self, sources: PromptSources[LabelledText], sampling: Sampling, seed: int) -> list[LabelPrompt]:
        """`prompting.prompts` prompts for every language; the labels take turns."""
        drawn: dict[tuple[str, str, int], list[LabelledText]] = {}
        made = []
        for language in sources.languages:
            for number in range(self._prompting.prompts):
                turn, place = divmod(number, len(self._labels))
                label = self._labels[place]
                key = language, label, turn // _SHARING
                if key not in drawn:
                    draw = own_draw(seed, "-".join(map(str, key)))
                    drawn[key] = self._draw_exemplars(language, label, self._prompting.shots, sources.exemplars, draw)
                made.append(self._prompt(language, number, label, drawn[key], sampling, seed))
        return made

    def request(self, prompt: LabelPrompt) -> Request:
        """The request to write the text and, for pairs, the second text."""
        fields = [Field("text", "", "filled", self._max_tokens)]
        if self._pairs:
            fields.append(Field("second", f"{self._second_line(prompt.label)}:", "filled", self._max_tokens))
        settings = SamplingSettings(prompt.temperature, prompt.top_k, prompt.top_p, prompt.seed)
        return Request(prompt=prompt.text, fields=tuple(fields), settings=settings)

    def parse(self, prompt: LabelPrompt, generated: GenerationResult) -> ParsedCompletion[LabelledText]:
        """Read the texts from the completion, and reject unusable ones with a reason."""
        text = generated.texts.get("text", "").strip()
        second = generated.texts.get("second", "").strip()
        written = [text, second] if self._pairs else [text]
        if not generated.finished:
            return ParsedCompletion("unfinished")
        if not all(any(character.isalpha() for character in one) for one in written):
            return ParsedCompletion("empty text")
        if any(one in prompt.text for one in written):
            return ParsedCompletion("text copied from the prompt")
        if text == second:
            return ParsedCompletion("second text repeats the first")
        return ParsedCompletion(OK, LabelledText(prompt.id, prompt.language, text, second, prompt.label))

    def identity(self, pair: LabelledText) -> tuple[str, ...]:
        """A key that repeats of a pair share: language and texts, whatever the label."""
        return pair.language, pair.text.casefold(), pair.second.casefold()

    def block(self, pair: LabelledText) -> tuple[str, str]:
        """The label: near-duplicates with different labels are kept, for their small difference is informative."""
        return pair.language, pair.label

    def compared_text(self, pair: LabelledText) -> str:
        """Both texts in lower case."""
        return f"{pair.text}\n{pair.second}".casefold()

    def are_comparable(self, first: LabelledText, second: LabelledText) -> bool:
        """Always true: any two texts of a block are compared."""
        return True

    def stratum(self, pair: LabelledText) -> tuple[str, str]:
        """The label: texts are ranked within their label, so that labels stay balanced."""
        return pair.language, pair.label

    def ranked_text(self, pair: LabelledText, conditioned: bool) -> tuple[str, str]:
        """The texts, then the label's answer; its prior follows empty texts (Zhao et al. 2021, arXiv 2102.09690)."""
        texts = (pair.text, pair.second) if conditioned else ("", "")
        return f"{self._prompting.solve}\n{self._unsolved(*texts)}", self._answered(pair.label)

    def turned_round(self, examples: Sequence[LabelledText], seed: int) -> list[tuple[str, str]]:
        """The prompt for a text of each example's label, without a word; then the text and, for pairs, the second text."""
        drawn: dict[tuple[str, str, int], list[LabelledText]] = {}
        turns: Counter[tuple[str, str]] = Counter()
        turned = []
        for example in examples:
            own, shots = (example.language, self._nearest_label(example.label)), self._prompting.shots
            key = *own, turns[own] // _SHARING
            turns[own] += 1
            if key not in drawn:  # one more than is shown, in case the example itself is among them
                draw = own_draw(seed, "-".join(map(str, key)) + "-turned")
                drawn[key] = self._draw_exemplars(*own, shots + (shots > 0), examples, draw)
            others = [e for e in drawn[key] if e.texts_in_any_order != example.texts_in_any_order][:shots]
            turned.append((self._text(own[1], others, []), self._written(example, own[1])))
        return turned

    def few_shot_exemplars(self, exemplars: Sequence[LabelledText], seed: int) -> list[LabelledText]:
        """As many of each label as it takes to show `prompting.shots` or one of each, in random order."""
        languages = dict.fromkeys(exemplar.language for exemplar in exemplars)
        each = max(1, math.ceil(self._prompting.shots / len(self._labels)))
        chosen = []
        for language in languages:
            draw = own_draw(seed, f"{language}-shown")
            own = [e for label in self._labels for e in self._draw_exemplars(language, label, each, exemplars, draw)]
            chosen += draw.sample(own, len(own))
        return list(dict.fromkeys(chosen))

    def solve_requests(self, example: LabelledText, exemplars: Sequence[LabelledText]) -> list[Request]:
        """One request per label, which scores the label's answer after the example."""
        blocks = [
            self._unsolved(e.text, e.second) + self._answered(self._nearest_label(e.label)) + "\n"
            for e in exemplars
            if e.language == example.language
        ]
        prompt = f"{self._prompting.solve}\n{''.join(blocks)}{self._unsolved(example.text, example.second)}"
        return [Request(prompt=prompt, continuation=self._answered(label)) for label in self._labels]

    def read_answer(self, example: LabelledText, results: Sequence[GenerationResult]) -> Answer:
        """The likeliest label; for numbers, their mean weighted by likelihood."""
        top = max(result.logprob for result in results)
        weights = [math.exp(result.logprob - top) for result in results]
        shares = [weight / sum(weights) for weight in weights]
        if self._numbers:
            return Answer(f"{sum(s * float(x) for s, x in zip(shares, self._labels, strict=True)):.4f}", -1, 1.0)
        share, label = max(zip(shares, self._labels, strict=True), key=lambda pair: pair[0])
        return Answer(label, -1, share)

    def _prompt(
        self, language: str, number: int, label: str, shown: Sequence[LabelledText], sampling: Sampling, seed: int
    ) -> LabelPrompt:
        identifier = f"{language}-{number}"
        draw = own_draw(seed, identifier)
        drawn = draw_settings(draw, sampling)
        words = [draw.choice(self._prompting.words)] if draw.random() < self._prompting.words_share else []
        return LabelPrompt(
            id=identifier,
            language=language,
            exemplar_ids=[exemplar.id for exemplar in shown],
            text=self._text(label, shown, words),
            label=label,
            words=words,
            **drawn,
        )

    def _text(self, label: str, shown: Sequence[LabelledText], words: Sequence[str]) -> str:
        """Blocks of the exemplars, then the request for a text."""
        solved = [self._block(label, [], f" {_line(e.text)}", f" {_line(e.second)}") + "\n\n" for e in shown]
        return "".join(solved) + self._block(label, words, "", None)

    def _written(self, example: LabelledText, label: str) -> str:
        """What the generator is to write after a request for `label`, as far as the line break that ends it."""
        second = f"{self._second_line(label)}: {_line(example.second)}\n" if self._pairs else ""
        return f" {_line(example.text)}\n{second}"

    def _block(self, label: str, words: Sequence[str], text: str, second: str | None) -> str:
        """The request for a text, its line and, for a solved pair, the line of the second text."""
        write = self._prompting.write.replace(LABEL, self._prompting.labels[label].wanted)
        with_words = self._prompting.with_words.replace(WORDS, words[0]) if words else ""
        block = f"{write}{with_words}\n{self._prompting.names.text}:{text}"
        return f"{block}\n{self._second_line(label)}:{second}" if self._pairs and second is not None else block

    def _second_line(self, label: str) -> str:
        return (self._prompting.write_second or "").replace(LABEL, self._prompting.labels[label].wanted)

    def _unsolved(self, text: str, second: str) -> str:
        """An example up to the name of its label's line."""
        names = self._prompting.names
        texts = [f"{names.text}: {_line(text)}", *([f"{names.second}: {_line(second)}"] if self._pairs else [])]
        return "\n".join([*texts, f"{names.label}:"])

    def _answered(self, label: str) -> str:
        return f" {self._prompting.labels[label].answer}\n"

    def _draw_exemplars(
        self, language: str, label: str, shots: int, exemplars: Sequence[LabelledText], draw: random.Random
    ) -> list[LabelledText]:
        """Exemplars of a label, drawn; of a number, those that are nearest to it."""
        own = [exemplar for exemplar in exemplars if exemplar.language == language]
        if self._numbers:
            shuffled = draw.sample(own, len(own))
            pool = sorted(shuffled, key=lambda e: abs(float(e.label) - float(label)))[:shots]
        else:
            pool = [exemplar for exemplar in own if exemplar.label == label]
        if len(pool) < shots:
            raise UserError(
                f"language '{language}' has {len(pool)} exemplar(s) of the label '{label}', {shots} are asked for. Add some to "
                f"data.languages.{language}.exemplars, or lower the shots, -S prompting.shots={len(pool)} (few_shot_llm shows "
                "one of each label at least)."
            )
        return draw.sample(pool, shots)

    def _nearest_label(self, label: str) -> str:
        """The label itself; of a number, the nearest that the prompting names."""
        if not self._numbers:
            return label
        return min(self._labels, key=lambda worded: abs(float(worded) - float(label)))


def _line(text: str) -> str:
    """A text as one line: where a line breaks, the next part of a prompt begins."""
    return " ".join(line for line in text.splitlines() if line)
