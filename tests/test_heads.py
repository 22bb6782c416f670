"""What each head is given, and what it makes of the model's output; test_learning.py shows that it learns."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, processors
from transformers import PreTrainedTokenizerFast
from transformers.modeling_outputs import QuestionAnsweringModelOutput, SequenceClassifierOutput

from gemquad.errors import UserError
from gemquad.params import Student, load_params
from gemquad.schema import LabelledText, Question, SilverPair, SilverText, SyntheticPair
from gemquad.tasks.answers import Answer
from gemquad.tasks.head import Encoded, Input, mean_loss
from gemquad.tasks.loading import load_saved_task
from gemquad.text.spans import Span

SETTINGS: Student = load_params(Path(__file__).parents[1] / "params.yaml").student
QA = {"name": "extractive_qa", "kind": "extractive_qa"}
CLASSES: dict[str, Any] = {
    "name": "reviews",
    "kind": "text_classification",
    "labels": {"good": "1", "bad": "0", "mixed": "2"},
    "columns": {"text": "text", "label": "label"},
    "metrics": ["accuracy"],
}
VALUES: dict[str, Any] = {
    "name": "likeness",
    "kind": "pair_similarity",
    "range": [1, 5],
    "columns": {"text": "a", "second": "b", "label": "label"},
    "metrics": ["pearson"],
}


def review(label: str, text: str = "Ana vive en Lima.") -> LabelledText:
    return LabelledText("1", "es", text, "", label)


def tokens(tokenizer: PreTrainedTokenizerFast, encoded: Encoded) -> str:
    return " ".join(tokenizer.convert_ids_to_tokens(encoded.input_ids))


def without_marks(tokenizer: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    """The same tokens, but the tokenizer sets no mark of its own, like GPT-2's and Qwen's."""
    core = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    core.post_processor = processors.Sequence([])
    return PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<eos>", pad_token="<pad>", unk_token="<unk>")


def with_all_marks(tokenizer: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    """The same tokens in the template of XLM-R."""
    core = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    marks = [(mark, core.token_to_id(mark)) for mark in ("<bos>", "<eos>")]
    core.post_processor = processors.TemplateProcessing(
        single="<bos> $A <eos>", pair="<bos> $A <eos> <eos> $B <eos>", special_tokens=marks
    )
    return PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<eos>", pad_token="<pad>", unk_token="<unk>")


def test_each_kind_of_task_trains_on_its_records() -> None:
    reading = load_saved_task(QA).records
    assert (reading.example, reading.synthetic) == (Question, SyntheticPair)
    for section in (CLASSES, VALUES):
        labelled = load_saved_task(section).records
        assert (labelled.example, labelled.synthetic) == (LabelledText, LabelledText)


def test_a_reader_is_taught_the_place_of_the_first_answer() -> None:
    gold = Question("q", "es", "", "Ana vive en Lima.", "¿Dónde?", ["Lima", "en Lima"], [12, 9])
    pair = SyntheticPair("p", "es", "x", "Ana vive en Lima.", "¿Quién?", "Ana", 0)
    assert load_saved_task(QA).head().input(gold) == Input("Ana vive en Lima.", "¿Dónde?", Span(12, 16))
    assert load_saved_task(QA).head().input(pair) == Input("Ana vive en Lima.", "¿Quién?", Span(0, 3))


def test_a_classifier_is_taught_the_number_of_the_class() -> None:
    head = load_saved_task(CLASSES).head()
    assert [head.input(review(label)).target for label in ("good", "bad", "mixed")] == [0, 1, 2]
    assert head.options["id2label"] == {0: "good", 1: "bad", 2: "mixed"}


def test_a_value_is_taught_in_parts_of_its_range() -> None:
    head = load_saved_task(VALUES).head()
    assert [head.input(LabelledText("1", "es", "a", "b", label)).target for label in ("1", "2.5", "5")] == [0, 0.375, 1]


def test_the_likeliest_class_with_its_probability() -> None:
    logits = torch.tensor([[0.0, 2.0, 0.0], [1.0, 1.0, 4.0]])
    batch = [Encoded(0, []), Encoded(1, [])]
    found = load_saved_task(CLASSES).head().answers(batch, SequenceClassifierOutput(logits=logits), [], SETTINGS, 1)
    assert [(answer.text, answer.start) for (answer,) in found] == [("bad", -1), ("mixed", -1)]
    assert [answer.confidence for (answer,) in found] == pytest.approx([0.78699, 0.90944], abs=1e-5)


def test_all_classes_with_their_probabilities() -> None:
    logits = torch.tensor([[0.0, 2.0, 1.0]])
    head = load_saved_task(CLASSES).head()
    (found,) = head.answers([Encoded(0, [])], SequenceClassifierOutput(logits=logits), [], SETTINGS, 20)
    assert [answer.text for answer in found] == ["bad", "mixed", "good"]
    assert [answer.confidence for answer in found] == pytest.approx([0.66524, 0.24473, 0.09003], abs=1e-5)


def test_a_value_stays_within_its_range() -> None:
    logits = torch.tensor([[0.25], [-3.0], [1.5]])
    batch = [Encoded(number, []) for number in range(3)]
    found = load_saved_task(VALUES).head().answers(batch, SequenceClassifierOutput(logits=logits), [], SETTINGS, 20)
    assert found == [[Answer("2.0000", -1, 1.0)], [Answer("1.0000", -1, 1.0)], [Answer("5.0000", -1, 1.0)]]


def test_marks_stand_before_between_and_behind_the_texts(tokenizer: PreTrainedTokenizerFast) -> None:
    head, both = load_saved_task(VALUES).head(), [Input("Ana", "Lima")]
    (gemma,) = head.encode(both, tokenizer, SETTINGS)
    (bare,) = head.encode(both, without_marks(tokenizer), SETTINGS)
    (full,) = head.encode(both, with_all_marks(tokenizer), SETTINGS)
    first, second = (" ".join(tokenizer.tokenize(text)) for text in ("Ana", "Lima"))
    assert tokens(tokenizer, gemma) == f"<bos> {first} <bos> {second} <eos>"
    assert tokens(tokenizer, bare) == f"{first} <eos> {second} <eos>"
    assert tokens(tokenizer, full) == f"<bos> {first} <eos> <eos> {second} <eos>"


def test_one_text_has_a_mark_behind_it(tokenizer: PreTrainedTokenizerFast) -> None:
    (encoded,) = load_saved_task(CLASSES).head().encode([Input("Ana")], tokenizer, SETTINGS)
    assert tokens(tokenizer, encoded) == f"<bos> {' '.join(tokenizer.tokenize('Ana'))} <eos>"


def test_the_longer_text_is_cut_and_the_marks_stay(tokenizer: PreTrainedTokenizerFast) -> None:
    (encoded,) = (
        load_saved_task(VALUES).head().encode([Input("Ana " * 90, "Lima")], tokenizer, replace(SETTINGS, max_length=32))
    )
    assert len(encoded.input_ids) <= 32
    assert tokens(tokenizer, encoded).endswith(f"<bos> {' '.join(tokenizer.tokenize('Lima'))} <eos>")


def test_nothing_is_encoded_as_nothing(tokenizer: PreTrainedTokenizerFast) -> None:
    for section in (QA, CLASSES, VALUES):
        assert load_saved_task(section).head().encode([], tokenizer, SETTINGS) == []


def test_one_label_alone_teaches_nothing() -> None:
    head = load_saved_task(CLASSES).head()
    with pytest.raises(UserError, match=r"All 3 training examples have the label 'bad'.*Add examples of other labels"):
        head.check([head.input(review("bad"))] * 3)
    head.check([head.input(review("bad")), head.input(review("good"))])
    values = load_saved_task(VALUES).head()
    with pytest.raises(UserError, match=r"All 2 training examples have the label 2\.5:"):
        values.check([values.input(LabelledText("1", "es", "a", "b", "2.5"))] * 2)


def test_the_loss_of_a_row_does_not_depend_on_its_padding() -> None:
    starts, ends = torch.randn(2, 2, 5)
    places = {"start_positions": torch.tensor([1, 0]), "end_positions": torch.tensor([2, 0])}
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    both = QuestionAnsweringModelOutput(start_logits=starts, end_logits=ends)
    alone = QuestionAnsweringModelOutput(start_logits=starts[:1, :3], end_logits=ends[:1, :3])
    second = QuestionAnsweringModelOutput(start_logits=starts[1:], end_logits=ends[1:])
    head = load_saved_task(QA).head()
    parts = [
        head.losses(said, {"attention_mask": shown, **{name: where[row : row + 1] for name, where in places.items()}})
        for row, (said, shown) in enumerate(((alone, mask[:1, :3]), (second, mask[1:])))
    ]
    assert torch.allclose(head.losses(both, {"attention_mask": mask, **places}), torch.cat(parts))


def losses(section: dict[str, Any], weights: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss of three rows of made-up scores, and its gradient."""
    torch.manual_seed(1)
    head, scores = load_saved_task(section).head(), torch.randn(2, 3, 5).requires_grad_()
    more = {} if weights is None else {"weight": weights}
    if section is QA:
        output: Any = QuestionAnsweringModelOutput(start_logits=scores[0], end_logits=scores[1])
        mask = torch.tensor([[1, 1, 1, 0, 0], [1] * 5, [1] * 5])
        batch = {
            "attention_mask": mask,
            "start_positions": torch.tensor([1, 0, 4]),
            "end_positions": torch.tensor([2, 0, 4]),
        }
    elif section is CLASSES:
        logits, batch = scores[0, :, :3], {"labels": torch.tensor([2, 0, 1])}
        output = SequenceClassifierOutput(logits=logits)
    else:
        logits, batch = scores[0, :, :1], {"labels": torch.tensor([0.5, 0.1, 1.0])}
        output = SequenceClassifierOutput(logits=logits)
    loss = mean_loss(head.losses(output, {**batch, **more}), more)
    (gradient,) = torch.autograd.grad(loss, scores)
    return loss, gradient


@pytest.mark.parametrize("section", [QA, CLASSES, VALUES], ids=["questions", "classes", "values"])
def test_weights_of_one_change_no_bit_and_others_weigh_rows(section: dict[str, Any]) -> None:
    plain, gradient = losses(section, None)
    ones, same = losses(section, torch.ones(3))
    assert torch.equal(plain, ones) and torch.equal(gradient, same)
    each = [losses(section, torch.eye(3)[row] * 3)[0] for row in range(3)]  # three times a row's share of the mean
    weighted, _ = losses(section, torch.tensor([0.5, 1.0, 1.5]))
    assert torch.allclose(weighted, (0.5 * each[0] + each[1] + 1.5 * each[2]) / 3)


def test_a_reader_takes_the_weight_of_silver() -> None:
    silver = SilverPair("p", "es", "x", "Ana vive en Lima.", "¿Quién?", "Ana", 0, 0.25)
    text = SilverText("1", "es", "Ana vive en Lima.", "", "bad", 1.75)
    assert load_saved_task(QA).head().input(silver).weight == 0.25
    assert load_saved_task(CLASSES).head().input(text).weight == 1.75
    assert load_saved_task(CLASSES).head().input(review("bad")).weight == 1.0
