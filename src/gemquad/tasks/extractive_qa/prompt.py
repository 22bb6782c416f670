"""Prompts for questions about passages: exemplars and one passage each.

A passage's first prompt shows the same exemplars as every other passage's first prompt of its language, its second the same as
every second, and so on: what prompts have in common is computed once (`generation/decoder/batching.py`), and a passage still sees
as many draws of exemplars as it has prompts.
"""

import random
from collections.abc import Mapping, Sequence

from gemquad.errors import UserError
from gemquad.params import Generation, Sampling
from gemquad.schema import Passage, PassagePrompt, Question, SyntheticPair
from gemquad.tasks.answers import Answer
from gemquad.tasks.draws import draw_settings, own_draw
from gemquad.tasks.prompter import OK, ParsedCompletion, PromptSources
from gemquad.tasks.prompting import PassagePrompting
from gemquad.tasks.requests import Field, GenerationResult, Request, SamplingSettings
from gemquad.text.languages import rule_for
from gemquad.text.scripts import shares_script
from gemquad.text.spans import Span, nearest_occurrence, occurrences, sentences

QUESTION_MARKS = "?？؟;՞፧"


class PassagePrompter:
    """A prompt repeats, for every exemplar and then for the passage at hand, a labelled block in the target language:

    Texto: <passage>
    Pregunta: <question>
    Respuesta: <answer>
    """

    def __init__(self, prompting: PassagePrompting, generation: Generation) -> None:
        self._prompting, self._generation = prompting, generation

    def prompts(self, sources: PromptSources[Question], sampling: Sampling, seed: int) -> list[PassagePrompt]:
        """`prompting.prompts_per_passage` prompts for every passage, in the order of the passages."""
        numbers = range(self._prompting.prompts_per_passage)
        drawn = {
            (language, number): self._draw_exemplars(
                language, sources.exemplars, self._prompting.shots, own_draw(seed, f"{language}-{number}")
            )
            for language in dict.fromkeys(passage.language for passage in sources.passages)
            for number in numbers
        }
        return [
            self._prompt(passage, number, drawn[passage.language, number], sampling, seed)
            for passage in sources.passages
            for number in numbers
        ]

    def request(self, prompt: PassagePrompt) -> Request:
        """The request to write question and answer, in the order that the prompt sets."""
        return Request(
            prompt=prompt.text,
            source=prompt.passage[prompt.focus_start : prompt.focus_end],
            fields=tuple(self._fields(prompt.language)),
            settings=SamplingSettings(prompt.temperature, prompt.top_k, prompt.top_p, prompt.seed),
        )

    def parse(self, prompt: PassagePrompt, generated: GenerationResult) -> ParsedCompletion[SyntheticPair]:
        """Read question and answer from the completion and align the answer with the passage."""
        question = generated.texts.get("question", "").strip()
        answer = generated.texts.get("answer", "").strip()
        focus = prompt.passage[prompt.focus_start : prompt.focus_end]
        spans = generated.spans.get("answer") or occurrences(focus, answer)
        outcome = self._outcome(prompt, generated, question, answer, found=bool(spans))
        if outcome != OK:
            return ParsedCompletion(outcome)
        nearest = nearest_occurrence(focus, spans, question)
        start, end = prompt.focus_start + nearest.start, prompt.focus_start + nearest.end
        return ParsedCompletion(
            OK,
            SyntheticPair(
                id=prompt.id,
                language=prompt.language,
                passage_id=prompt.passage_id,
                passage=prompt.passage,
                question=question,
                answer=prompt.passage[start:end],
                answer_start=start,
            ),
        )

    def identity(self, pair: SyntheticPair) -> tuple[str, ...]:
        """A key that repeats of a pair share: language, passage, question and answer."""
        return pair.language, pair.passage_id, pair.question.casefold(), pair.answer.casefold()

    def block(self, pair: SyntheticPair) -> tuple[str, str]:
        """The passage: the same question pattern about two passages is no near-duplicate."""
        return pair.language, pair.passage_id

    def compared_text(self, pair: SyntheticPair) -> str:
        """The question in lower case."""
        return pair.question.casefold()

    def are_comparable(self, first: SyntheticPair, second: SyntheticPair) -> bool:
        """Whether the answers of two pairs overlap."""
        return first.answer_start < second.answer_start + len(
            second.answer
        ) and second.answer_start < first.answer_start + len(first.answer)

    def ranked_text(self, pair: SyntheticPair, conditioned: bool) -> tuple[str, str]:
        """A zero-shot block, question first, up to the answer's label; then the answer with its line break."""
        passage_label, question_label, answer_label = self._labels(pair.language)
        question = f" {pair.question}" if conditioned else ""
        prefix = f"{passage_label}: {pair.passage}\n{question_label}:{question}\n{answer_label}:"
        return prefix, f" {pair.answer}\n"

    def turned_round(self, examples: Sequence[Question | SyntheticPair], seed: int) -> list[tuple[str, str]]:
        """The prompt that shows the sentence (or passage) of each answer; then question and answer, in the prompt's order."""
        questions = [_question(example) for example in examples]
        by_language = {
            language: _by_passage(language, questions)
            for language in dict.fromkeys(question.language for question in questions)
        }
        turned = []
        for example in questions:
            others, shots = by_language[example.language], self._prompting.shots
            drawn = self._drawn(
                example.language, others, shots, own_draw(seed, f"{example.id}-turned"), example.passage
            )
            prompt = self._text(drawn, self._shown_of(example), example.language)
            turned.append((prompt, self._written(example)))
        return turned

    def few_shot_exemplars(self, exemplars: Sequence[Question], seed: int) -> list[Question]:
        """`prompting.shots` exemplars of each language, at least one, no two over the same passage."""
        languages = dict.fromkeys(exemplar.language for exemplar in exemplars)
        each = max(1, self._prompting.shots)
        draws = (self._draw_exemplars(x, exemplars, each, own_draw(seed, f"{x}-shown")) for x in languages)
        return [exemplar for drawn in draws for exemplar in drawn]

    def solve_requests(self, example: Question, exemplars: Sequence[Question]) -> list[Request]:
        """One request: passage and question, to be answered by a span, extracted greedily."""
        passage_label, question_label, answer_label = self._labels(example.language)
        blocks = [
            f"{passage_label}: {e.passage}\n{question_label}: {e.question}\n{answer_label}: {e.answers[0]}\n\n"
            for e in exemplars
            if e.language == example.language
        ]
        unsolved = f"{passage_label}: {example.passage}\n{question_label}: {example.question}\n{answer_label}:"
        field = Field(
            name="answer",
            lead="",
            mode="extract" if self._generation.constrain_answer else "free",
            max_tokens=self._generation.max_answer_tokens,
            greedy=True,
            stop_bias=self._generation.stop_logit_bias,
        )
        return [Request("".join(blocks) + unsolved, source=example.passage, fields=(field,))]

    def read_answer(self, example: Question, results: Sequence[GenerationResult]) -> Answer:
        """The generated answer at its occurrence nearest to the question's words; -1 where it does not occur."""
        text = results[0].texts.get("answer", "").strip()
        spans = results[0].spans.get("answer") or occurrences(example.passage, text)
        start = nearest_occurrence(example.passage, spans, example.question).start if spans else -1
        return Answer(text, start, 1.0)

    def _prompt(
        self, passage: Passage, number: int, exemplars: Sequence[Question], sampling: Sampling, seed: int
    ) -> PassagePrompt:
        identifier = f"{passage.language}-{passage.id}-{number}"
        focus = self._focus(passage.text, number)
        return PassagePrompt(
            id=identifier,
            language=passage.language,
            passage_id=passage.id,
            passage=passage.text,
            focus_start=focus.start,
            focus_end=focus.end,
            exemplar_ids=[exemplar.id for exemplar in exemplars],
            text=self._text(exemplars, passage.text[focus.start : focus.end], passage.language),
            **draw_settings(own_draw(seed, identifier), sampling),
        )

    def _text(self, exemplars: Sequence[Question], shown: str, language: str) -> str:
        """Blocks of the exemplars, then what is shown of the passage and the label of what the generator writes first."""
        passage_label, question_label, answer_label = self._labels(language)
        question_first = self._prompting.order == "question-first"
        blocks = []
        for exemplar in exemplars:
            question = f"{question_label}: {exemplar.question}"
            answer = f"{answer_label}: {exemplar.answers[0]}"
            solved = [question, answer] if question_first else [answer, question]
            blocks.append("\n".join([f"{passage_label}: {self._shown_of(exemplar)}", *solved, "\n"]))
        return "".join(blocks) + f"{passage_label}: {shown}\n{question_label if question_first else answer_label}:"

    def _written(self, example: Question) -> str:
        """What the generator is to write after the first label: the rest of the block, as far as the line break that ends it."""
        _, question_label, answer_label = self._labels(example.language)
        if self._prompting.order == "question-first":
            return f" {_line(example.question)}\n{answer_label}: {_line(example.answers[0])}\n"
        return f" {_line(example.answers[0])}\n{question_label}: {_line(example.question)}\n"

    def _fields(self, language: str) -> list[Field]:
        _, question_label, answer_label = self._labels(language)
        question_first = self._prompting.order == "question-first"
        question = Field(
            name="question",
            lead="" if question_first else f"{question_label}:",
            mode="free",
            max_tokens=self._generation.max_question_tokens,
        )
        answer = Field(
            name="answer",
            lead=f"{answer_label}:" if question_first else "",
            mode="extract" if self._generation.constrain_answer else "free",
            max_tokens=self._generation.max_answer_tokens,
            greedy=self._generation.answer == "greedy",
            stop_bias=self._generation.stop_logit_bias,
        )
        return [question, answer] if question_first else [answer, question]

    def _outcome(
        self, prompt: PassagePrompt, generated: GenerationResult, question: str, answer: str, found: bool
    ) -> str:
        if not generated.finished:
            return "unfinished"
        if not any(character.isalpha() for character in question):
            return "empty question"
        if not answer:
            return "empty answer"
        if self._generation.require_question_mark and not any(mark in question for mark in QUESTION_MARKS):
            return "no question mark"
        if question in prompt.text:
            return "question copied from the prompt"
        if self._generation.require_script and not shares_script(question, prompt.passage):
            return "question in another script than its passage"
        return OK if found else "answer not in passage"

    def _draw_exemplars(
        self, language: str, exemplars: Sequence[Question], shots: int, draw: random.Random
    ) -> list[Question]:
        """So many exemplars of a language, no two over the same passage."""
        return self._drawn(language, _by_passage(language, exemplars), shots, draw)

    def _drawn(
        self,
        language: str,
        by_passage: Mapping[str, Sequence[Question]],
        shots: int,
        draw: random.Random,
        without: str | None = None,
    ) -> list[Question]:
        """So many exemplars, of different passages; none of the passage `without`, if one is named."""
        others = len(by_passage) - (without is not None)
        if others < shots:
            raise UserError(
                f"language '{language}' has exemplars over {others} passage(s), prompting.shots asks for "
                f"{shots}. Add exemplars or lower the shots: -S prompting.shots={others}."
            )
        passages = draw.sample(list(by_passage), shots + (without is not None))
        return [draw.choice(by_passage[passage]) for passage in passages if passage != without][:shots]

    def _focus(self, passage: str, number: int) -> Span:
        """What the passage's prompt `number` shows: all of it, or its sentences in turn."""
        if self._prompting.focus == "passage":
            return Span(0, len(passage))
        spans = list(sentences(passage))
        return spans[number % len(spans)]

    def _shown_of(self, exemplar: Question) -> str:
        """What a prompt shows of an exemplar's passage: all of it, or the sentence (or sentences) of its answer."""
        if self._prompting.focus == "passage":
            return exemplar.passage
        begin, end = exemplar.answer_starts[0], exemplar.answer_starts[0] + len(exemplar.answers[0])
        touched = [s for s in sentences(exemplar.passage) if s.start < end and s.end > begin]
        return exemplar.passage[touched[0].start : max(end, touched[-1].end)]

    def _labels(self, language: str) -> list[str]:
        named = self._prompting.labels
        labels = rule_for(named, language) or named.get("default")
        if labels is None:
            raise UserError(
                f"params.yaml: prompting.labels has no [passage, question, answer] for '{language}'. "
                f"Add them: -S '+prompting.labels.{language}=[Passage,Question,Answer]'."
            )
        return labels


def _question(example: Question | SyntheticPair) -> Question:
    """A pair as a question with one answer."""
    if isinstance(example, Question):
        return example
    return Question(
        id=example.id,
        language=example.language,
        title="",
        passage=example.passage,
        question=example.question,
        answers=[example.answer],
        answer_starts=[example.answer_start],
    )


def _by_passage(language: str, exemplars: Sequence[Question]) -> dict[str, list[Question]]:
    """The exemplars of a language by their passages, which are sorted."""
    by_passage: dict[str, list[Question]] = {}
    for exemplar in sorted((e for e in exemplars if e.language == language), key=lambda e: e.passage):
        by_passage.setdefault(exemplar.passage, []).append(exemplar)
    return by_passage


def _line(text: str) -> str:
    """A text as one line: where a line breaks, the next part of a block begins."""
    return " ".join(text.split("\n"))
