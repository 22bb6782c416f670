"""Extractive question answering: a passage, a question about it, and a span of the passage that answers it."""

from collections.abc import Sequence

from gemquad.errors import UserError
from gemquad.params import Generation, Prompting
from gemquad.schema import Question
from gemquad.scoring.qa import best_over_references
from gemquad.tasks.base import Field


class ExtractiveQA:
    """The task of GeMQuAD: SQuAD-style questions.

    A prompt repeats, for every exemplar and then for the passage at hand, a labelled block in the target language:

        Texto: <passage>
        Pregunta: <question>
        Respuesta: <answer>
    """

    def prompt(
        self, exemplars: Sequence[tuple[str, Question]], passage: str, language: str, prompting: Prompting
    ) -> str:
        """Blocks of the exemplars, then the passage and the label of what the generator writes first."""
        passage_label, question_label, answer_label = _labels(language, prompting)
        blocks = []
        for shown, exemplar in exemplars:
            question = f"{question_label}: {exemplar.question}"
            answer = f"{answer_label}: {exemplar.answers[0]}"
            solved = [question, answer] if prompting.order == "question-first" else [answer, question]
            blocks.append("\n".join([f"{passage_label}: {shown}", *solved, "\n"]))
        first = question_label if prompting.order == "question-first" else answer_label
        return "".join(blocks) + f"{passage_label}: {passage}\n{first}:"

    def fields(self, language: str, prompting: Prompting, generation: Generation) -> list[Field]:
        """Question and answer in the order of the prompt."""
        _, question_label, answer_label = _labels(language, prompting)
        question_first = prompting.order == "question-first"
        question = Field(
            name="question",
            lead="" if question_first else f"{question_label}:",
            mode="free",
            max_tokens=generation.max_question_tokens,
        )
        answer = Field(
            name="answer",
            lead=f"{answer_label}:" if question_first else "",
            mode="extract" if generation.constrain_answer else "free",
            max_tokens=generation.max_answer_tokens,
            greedy=generation.answer == "greedy",
            ending_bonus=generation.answer_ending_bonus,
        )
        return [question, answer] if question_first else [answer, question]

    def answer_text(
        self, passage: str, question: str, answer: str, language: str, prompting: Prompting
    ) -> tuple[str, str]:
        """A zero-shot block, question first, up to the answer's label; the answer and its line break."""
        passage_label, question_label, answer_label = _labels(language, prompting)
        asked = f" {question}" if question else ""
        return f"{passage_label}: {passage}\n{question_label}:{asked}\n{answer_label}:", f" {answer}\n"

    def agreement(self, predicted: str, expected: str, language: str) -> tuple[float, float]:
        """F1 and exact match of the weak labeler's answer against the generator's."""
        return best_over_references(predicted, [expected], language)

    def scores(self, predicted: str, references: Sequence[str], language: str) -> tuple[float, float]:
        """F1 and exact match as MLQA defines them."""
        return best_over_references(predicted, references, language)


def _labels(language: str, prompting: Prompting) -> list[str]:
    labels = prompting.labels.get(language) or prompting.labels.get("default")
    if labels is None or len(labels) != 3:
        raise UserError(
            f"params.yaml: prompting.labels has no [passage, question, answer] for '{language}'. "
            f"Add them: -S '+prompting.labels.{language}=[Passage,Question,Answer]'."
        )
    return labels
