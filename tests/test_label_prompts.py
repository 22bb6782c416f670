"""Prompts for texts of a label, written out; how their completions are read; and how the generator itself is asked for a label."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from conftest import labelled
from gemquad.errors import UserError
from gemquad.params import load_params
from gemquad.schema import LabelledText, LabelPrompt, SilverText
from gemquad.tasks.answers import Answer
from gemquad.tasks.labelled.prompt import LabelPrompter
from gemquad.tasks.prompter import PromptSources
from gemquad.tasks.requests import GREEDY, Field, GenerationResult, Request, SamplingSettings
from gemquad.tasks.settings import Classification, Columns, Similarity
from task_sections import prompting_of

PARAMS = load_params(Path(__file__).parents[1] / "params.yaml")
GENERATION = replace(PARAMS.generation, max_text_tokens=20)
REVIEWS = Classification(
    "reviews", "text_classification", {"positive": "1", "negative": "0"}, Columns("text", "label"), ["accuracy"]
)
RELATIONS = Classification(
    "relations",
    "pair_classification",
    {"entailment": "e", "contradiction": "c", "neutral": "n"},
    Columns("a", "label", "b"),
    ["accuracy"],
)
ALIKE = Similarity("alike", "pair_similarity", (0.0, 5.0), Columns("a", "label", "b"), ["pearson"])
REVIEW_WORDING: dict[str, Any] = {
    "shots": 0,
    "prompts": 12,
    "words_share": 0.0,
    "names": {"text": "レビュー", "label": "評価"},
    "write": "{label}レビューを書いてください。",
    "with_words": "商品は「{words}」です。",
    "solve": "評価を答えてください。",
    "labels": {
        "positive": {"wanted": "満足した", "answer": "肯定"},
        "negative": {"wanted": "不満な", "answer": "否定"},
    },
    "words": ["鍋", "靴", "傘", "机", "枕"],
}
PAIR_WORDING: dict[str, Any] = {
    **REVIEW_WORDING,
    "names": {"text": "文1", "second": "文2", "label": "関係"},
    "write": "写真の説明を書いてください。",
    "write_second": "文2（{label}）",
    "solve": "関係を答えてください。",
    "labels": {
        "entailment": {"wanted": "必ず正しい", "answer": "含意"},
        "contradiction": {"wanted": "成り立たない", "answer": "矛盾"},
        "neutral": {"wanted": "分からない", "answer": "中立"},
    },
}
NUMBER_WORDING: dict[str, Any] = {
    **PAIR_WORDING,
    "labels": {
        "0": {"wanted": "別", "answer": "0"},
        "2.5": {"wanted": "半ば", "answer": "3"},
        "5": {"wanted": "同じ", "answer": "5"},
    },
}
EXEMPLARS = [
    labelled(f"{label[0]}{i}", f"{'良い' if label == 'positive' else '悪い'}品その{i}", "", label)
    for label in ("positive", "negative")
    for i in range(6)
]
PROMPT = LabelPrompt("ja-0", "ja", [], "満足したレビューを書いてください。\nレビュー:", 0.7, 60, 0.9, 7, "positive", [])
PAIR_PROMPT = replace(PROMPT, text="写真の説明を書いてください。\n文1:", label="neutral")


def reviews(**changes: Any) -> LabelPrompter:
    return LabelPrompter(REVIEWS, prompting_of({**REVIEW_WORDING, **changes}, REVIEWS), GENERATION)


def relations(**changes: Any) -> LabelPrompter:
    return LabelPrompter(RELATIONS, prompting_of({**PAIR_WORDING, **changes}, RELATIONS), GENERATION)


def alike(**changes: Any) -> LabelPrompter:
    return LabelPrompter(ALIKE, prompting_of({**NUMBER_WORDING, **changes}, ALIKE), GENERATION)


def build(
    prompter: LabelPrompter,
    exemplars: Sequence[LabelledText] = EXEMPLARS,
    languages: Sequence[str] = ("ja",),
    seed: int = 1,
) -> list[LabelPrompt]:
    return prompter.prompts(PromptSources(languages, exemplars, []), PARAMS.sampling, seed)


def test_a_zero_shot_prompt_asks_for_a_text_of_the_label() -> None:
    first, second = build(reviews(prompts=2), exemplars=[])
    assert first.text == "満足したレビューを書いてください。\nレビュー:"
    assert second.text == "不満なレビューを書いてください。\nレビュー:"
    assert (first.id, first.language, first.label, first.words, first.exemplar_ids) == (
        "ja-0",
        "ja",
        "positive",
        [],
        [],
    )


def test_a_few_shot_prompt_repeats_the_block_for_exemplars_of_the_label_alone() -> None:
    exemplars = [labelled("p", "丈夫で長持ち"), labelled("n", "すぐ壊れた", "", "negative"), labelled("q", "軽い")]
    first, second = build(reviews(shots=1, prompts=2, words_share=1.0, words=["鍋"]), [exemplars[0], exemplars[1]])
    assert first.text == (
        "満足したレビューを書いてください。\nレビュー: 丈夫で長持ち\n\n"
        "満足したレビューを書いてください。商品は「鍋」です。\nレビュー:"
    )
    assert (first.words, first.exemplar_ids) == (["鍋"], ["p"])
    assert second.text == (
        "不満なレビューを書いてください。\nレビュー: すぐ壊れた\n\n"
        "不満なレビューを書いてください。商品は「鍋」です。\nレビュー:"
    )
    (both,) = build(reviews(shots=2, prompts=1), exemplars)
    assert sorted(both.exemplar_ids) == ["p", "q"]
    assert both.text.count("満足したレビューを書いてください。") == 3


def test_a_prompt_for_a_pair_ends_before_the_first_text_and_its_exemplars_are_pairs() -> None:
    exemplars = [labelled("e", "犬が走る", "動物が動く", "entailment")]
    (first,) = build(relations(shots=1, prompts=1), exemplars)
    assert first.text == (
        "写真の説明を書いてください。\n文1: 犬が走る\n文2（必ず正しい）: 動物が動く\n\n写真の説明を書いてください。\n文1:"
    )
    assert relations().request(first) == Request(
        prompt=first.text,
        fields=(Field("text", "", "filled", 20), Field("second", "文2（必ず正しい）:", "filled", 20)),
        settings=SamplingSettings(first.temperature, first.top_k, first.top_p, first.seed),
    )


def test_texts_of_several_lines_are_shown_in_one() -> None:
    exemplars = [labelled("e", "犬が\n\n走る", "動物が\r\n動く", "entailment")]
    (first,) = build(relations(shots=1, prompts=1), exemplars)
    assert "文1: 犬が 走る\n文2（必ず正しい）: 動物が 動く\n\n" in first.text
    (asked, *_) = relations().solve_requests(exemplars[0], exemplars)
    assert asked.prompt.count("文1: 犬が 走る\n文2: 動物が 動く\n関係:") == 2


def test_a_request_for_a_text_has_one_field() -> None:
    assert reviews().request(PROMPT) == Request(
        prompt=PROMPT.text, fields=(Field("text", "", "filled", 20),), settings=SamplingSettings(0.7, 60, 0.9, 7)
    )


def test_labels_take_turns_in_every_language() -> None:
    prompts = build(relations(prompts=7), languages=["ja", "es"])
    labels = ["entailment", "contradiction", "neutral"]
    assert [p.label for p in prompts] == [*labels, *labels, labels[0]] * 2
    assert [p.id for p in prompts] == [f"{language}-{n}" for language in ("ja", "es") for n in range(7)]
    assert len({p.seed for p in prompts}) == 14


def test_settings_are_drawn_per_prompt_within_their_ranges() -> None:
    prompts = build(reviews(prompts=200))
    assert {p.top_k for p in prompts} <= set(range(50, 101)) and len({p.top_k for p in prompts}) > 30
    assert all(0.5 <= p.top_p <= 0.95 for p in prompts)
    assert [p.seed for p in prompts[:9]] != [p.seed for p in build(reviews(prompts=9), seed=2)]


def test_eight_prompts_of_a_label_in_a_row_show_the_same_exemplars() -> None:
    """What they begin with alike is computed once."""
    prompts = build(reviews(shots=3, prompts=64))
    for label in ("positive", "negative"):
        shown = [tuple(p.exemplar_ids) for p in prompts if p.label == label]
        assert [len(set(shown[at : at + 8])) for at in range(0, 32, 8)] == [1] * 4
        assert len(set(shown)) > 2
        assert {identifier[0] for ids in shown for identifier in ids} == {label[0]}
    assert all(len(set(p.exemplar_ids)) == 3 for p in prompts)


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0, 0), (0.5, 90, 150), (1.0, 240, 240)])
def test_a_share_of_the_prompts_has_a_task_word(share: float, least: int, most: int) -> None:
    prompts = build(reviews(prompts=240, words_share=share))
    worded = [p for p in prompts if p.words]
    assert least <= len(worded) <= most
    for prompt in prompts:
        sentence = f"商品は「{prompt.words[0]}」です。" if prompt.words else ""
        wanted = "満足した" if prompt.label == "positive" else "不満な"
        assert prompt.text == f"{wanted}レビューを書いてください。{sentence}\nレビュー:"
    assert share == 0 or {p.words[0] for p in worded} == set(REVIEW_WORDING["words"])


def test_more_prompts_keep_the_earlier_ones() -> None:
    few, many = (build(reviews(shots=2, words_share=0.5, prompts=number)) for number in (12, 50))
    assert many[:12] == few


def test_another_language_leaves_the_prompts_as_they_are() -> None:
    spanish = [replace(one, language="es") for one in EXEMPLARS]
    both = build(reviews(shots=2), [*spanish, *EXEMPLARS], languages=["es", "ja"])
    assert both[12:] == build(reviews(shots=2))


def test_too_few_exemplars_are_named() -> None:
    message = (
        r"'ja' has 2 exemplar\(s\) of the label 'negative', 3 are asked for.*data\.languages\.ja\.exemplars.*shots=2"
    )
    with pytest.raises(UserError, match=message):
        build(reviews(shots=3), EXEMPLARS[:8])
    with pytest.raises(UserError, match="'es' has 0 exemplar"):
        build(reviews(shots=1), languages=["ja", "es"])


def test_for_a_number_the_nearest_exemplars_are_shown() -> None:
    exemplars = [labelled(f"{i}", f"甲{i}", f"乙{i}", label=f"{i / 2}") for i in range(11)]
    zero, middle, five = build(alike(shots=2, prompts=3), exemplars)
    assert set(zero.exemplar_ids) == {"0", "1"} and set(five.exemplar_ids) == {"9", "10"}
    assert "5" in middle.exemplar_ids and set(middle.exemplar_ids) < {"4", "5", "6"}
    assert middle.text.count("文2（半ば）: 乙") == 2
    with pytest.raises(UserError, match=r"has 1 exemplar\(s\) of the label '0', 2 are asked for"):
        build(alike(shots=2), exemplars[:1])


def read(prompter: LabelPrompter, prompt: LabelPrompt, finished: bool = True, **texts: str) -> tuple[str, Any]:
    parsed = prompter.parse(prompt, GenerationResult(texts, finished=finished))
    return parsed.outcome, parsed.pair


def test_texts_are_kept_without_the_space_around_them() -> None:
    assert read(reviews(), PROMPT, text=" とても軽い。 ") == ("ok", labelled("ja-0", "とても軽い。"))
    expected = labelled("ja-0", "犬が走る", "犬は茶色だ", "neutral")
    assert read(relations(), PAIR_PROMPT, text=" 犬が走る", second=" 犬は茶色だ ") == ("ok", expected)


@pytest.mark.parametrize(
    ("texts", "finished", "outcome"),
    [
        ({"text": "犬が走る", "second": "犬"}, False, "unfinished"),
        ({"text": "犬が走る"}, True, "empty text"),
        ({"text": " ", "second": "犬がいる"}, True, "empty text"),
        ({"text": "犬が走る", "second": "……！ 123"}, True, "empty text"),
        ({"text": "写真の説明", "second": "犬がいる"}, True, "text copied from the prompt"),
        ({"text": "犬が走る", "second": "写真"}, True, "text copied from the prompt"),
        ({"text": "犬が走る", "second": " 犬が走る "}, True, "second text repeats the first"),
        ({"text": "犬が走る", "second": "犬が走っている"}, True, "ok"),
    ],
)
def test_what_keeps_a_completion_from_being_a_pair_is_named(
    texts: dict[str, str], finished: bool, outcome: str
) -> None:
    found, pair = read(relations(), PAIR_PROMPT, finished, **texts)
    assert found == outcome
    assert (pair is None) == (outcome != "ok")


def test_near_duplicates_of_texts() -> None:
    own, one = relations(), labelled("a", "Dog", "Cat", "neutral")
    assert own.identity(one) == own.identity(labelled("b", "dog", "CAT", "entailment"))
    assert own.identity(one) != own.identity(labelled("a", "Dog", "Cats", "neutral"))
    assert own.block(one) == ("ja", "neutral")
    assert own.compared_text(one) == "dog\ncat"
    assert own.are_comparable(one, one)


def test_a_label_is_ranked_after_the_texts_and_after_empty_ones() -> None:
    assert reviews().ranked_text(labelled(text="軽い。"), conditioned=True) == (
        "評価を答えてください。\nレビュー: 軽い。\n評価:",
        " 肯定\n",
    )
    assert relations().ranked_text(labelled("a", "犬", "猫", "neutral"), conditioned=True) == (
        "関係を答えてください。\n文1: 犬\n文2: 猫\n関係:",
        " 中立\n",
    )
    prefix, continuation = relations().ranked_text(labelled("a", "犬", "猫", "neutral"), conditioned=False)
    assert ([line.rstrip() for line in prefix.split("\n")], continuation) == (
        ["関係を答えてください。", "文1:", "文2:", "関係:"],
        " 中立\n",
    )
    assert alike().ranked_text(labelled("a", "犬", "猫", "2.5"), conditioned=True)[1] == " 3\n"


def test_the_generator_itself_is_asked_how_likely_each_label_is() -> None:
    asked = reviews().solve_requests(labelled(text="軽い。"), [EXEMPLARS[0], EXEMPLARS[6], labelled(language="es")])
    shown = "レビュー: 良い品その0\n評価: 肯定\n\nレビュー: 悪い品その0\n評価: 否定\n\n"
    prompt = f"評価を答えてください。\n{shown}レビュー: 軽い。\n評価:"
    assert asked == [
        Request(prompt, settings=GREEDY, continuation=" 肯定\n"),
        Request(prompt, settings=GREEDY, continuation=" 否定\n"),
    ]
    (first, *_) = relations().solve_requests(labelled("a", "犬", "猫"), [])
    assert first.prompt == "関係を答えてください。\n文1: 犬\n文2: 猫\n関係:"


def test_exemplars_of_a_number_are_shown_with_the_nearest_worded_one() -> None:
    exemplars = [labelled("a", "甲", "乙", "1.3"), labelled("b", "丙", "丁", "4.1")]
    (first, *_) = alike().solve_requests(labelled("x", "犬", "猫"), exemplars)
    assert first.prompt == (
        "関係を答えてください。\n文1: 甲\n文2: 乙\n関係: 3\n\n文1: 丙\n文2: 丁\n関係: 5\n\n文1: 犬\n文2: 猫\n関係:"
    )


def judged(*logprobs: float) -> list[GenerationResult]:
    return [GenerationResult(logprob=value, finished=True) for value in logprobs]


def test_the_likeliest_label_is_the_answer_with_its_share_of_the_likelihoods() -> None:
    answer = relations().read_answer(
        labelled(), judged(-1000.0 + math.log(0.2), -1000.0 + math.log(0.5), -1000.0 + math.log(0.1))
    )
    assert answer == Answer("contradiction", -1, pytest.approx(0.625))
    assert relations().read_answer(labelled(), judged(-5.0, -5.0, -9.0)).text == "entailment", "of equals the first"


def test_for_a_number_the_expected_one_is_the_answer() -> None:
    answer = alike().read_answer(labelled(), judged(math.log(0.2), math.log(0.2), math.log(0.6)))
    assert answer == Answer("3.5000", -1, 1.0)
    assert alike().read_answer(labelled(), judged(-800.0, 0.0, -800.0)) == Answer("2.5000", -1, 1.0)


def test_as_many_exemplars_of_each_label_are_shown_and_the_seed_decides() -> None:
    five = reviews(shots=5)
    chosen = five.few_shot_exemplars(EXEMPLARS, seed=3)
    assert Counter(one.label for one in chosen) == {"positive": 3, "negative": 3}
    assert len(set(chosen)) == 6
    assert five.few_shot_exemplars(EXEMPLARS, seed=3) == chosen
    assert len({tuple(e.id for e in five.few_shot_exemplars(EXEMPLARS, seed)) for seed in range(9)}) > 5


def test_where_prompts_are_zero_shot_one_exemplar_of_each_label_is_shown() -> None:
    spanish = [replace(one, language="es") for one in EXEMPLARS]
    chosen = reviews(shots=0).few_shot_exemplars([*EXEMPLARS, *spanish], seed=3)
    assert Counter((one.language, one.label) for one in chosen) == {
        (language, label): 1 for language in ("ja", "es") for label in ("positive", "negative")
    }
    with pytest.raises(UserError, match=r"has 0 exemplar\(s\) of the label 'negative', 1 are asked for"):
        reviews().few_shot_exemplars(EXEMPLARS[:6], seed=3)


def test_an_exemplar_between_two_numbers_is_shown_once() -> None:
    exemplars = [labelled("a", "甲", "乙", "0.0"), labelled("b", "丙", "丁", "4.0")]
    chosen = alike().few_shot_exemplars(exemplars, seed=3)
    assert sorted(one.id for one in chosen) == ["a", "b"]


def test_an_example_turned_round_is_what_would_be_asked_and_written() -> None:
    """Beside others of its label, and never beside itself."""
    turned = reviews(shots=5).turned_round(EXEMPLARS, 1)
    prompt, written = turned[7]
    assert written == " 悪い品その1\n"
    lines = prompt.split("\n")
    assert sorted(lines[1::3]) == sorted(["レビュー:", *(f"レビュー: 悪い品その{i}" for i in (0, 2, 3, 4, 5))])
    assert lines[0] == "不満なレビューを書いてください。" and lines[-1] == "レビュー:"
    assert reviews(shots=5).turned_round(EXEMPLARS, 1) == turned != reviews(shots=5).turned_round(EXEMPLARS, 2)


def test_a_pair_turned_round_ends_behind_its_second_text() -> None:
    examples = [labelled("a", "犬が走る。", "動物が\n走る。", "entailment")]
    assert relations().turned_round(examples, 1) == [
        ("写真の説明を書いてください。\n文1:", " 犬が走る。\n文2（必ず正しい）: 動物が 走る。\n")
    ]


def test_silver_turned_round_is_as_gold() -> None:
    silver = [SilverText(**asdict(one), weight=1.0) for one in EXEMPLARS]
    assert reviews(shots=5).turned_round(silver, 1) == reviews(shots=5).turned_round(EXEMPLARS, 1)


def test_a_number_turned_round_is_asked_for_by_the_nearest_that_has_words() -> None:
    examples = [labelled("a", "犬が走る。", "猫が寝る。", "0.4")]
    assert alike().turned_round(examples, 1)[0][1].endswith("文2（別）: 猫が寝る。\n")
