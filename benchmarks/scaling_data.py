"""Data for `scaling.py`: words of the bundled sample in random order, as many as are asked for; the same in every run."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import regex

from gemquad.files import write_json
from gemquad.generation.accounting import account
from gemquad.params import Params, load_params
from gemquad.parquet import read_records, write_records
from gemquad.rounds.audit import audit, summarise
from gemquad.schema import (
    Completion,
    LabelerAnswer,
    LabelledText,
    Passage,
    PassagePrompt,
    Question,
    SpanPrediction,
    SyntheticPair,
)
from gemquad.schema.results import Decision, RoundResult
from gemquad.settings.compose import compose
from gemquad.tasks.answers import Answer
from gemquad.tasks.loading import load_task
from gemquad.workspace import Workspace

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data/sample"
LANGUAGES = ("es", "hi")
LABELS = ("entailment", "contradiction", "neutral")
QUESTIONS = 6  # about one passage
_JAPANESE = regex.compile(r"\p{Han}+\p{Hiragana}*|\p{Hiragana}+|\p{Katakana}[ー\p{Katakana}]*")


def make(folder: Path, size: int) -> None:
    """What the stages read: `size` gold questions, synthetic pairs and labelled texts, a tenth as many test questions."""
    draw = random.Random(size)
    files = Workspace(folder)
    params = load_params(compose(ROOT, ["stopping.max_rounds=1"], files.params))
    write_roles(files, size, draw)
    passages = [one for language in LANGUAGES for one in random_passages(language, size // 2 // QUESTIONS + 1, draw)]
    write_records(files.prompts, PassagePrompt, prompts(passages))
    synthetic = list(pairs(passages, draw))
    for path in (files.synthetic, files.candidates):
        write_records(path, SyntheticPair, synthetic)
    write_records(files.round(1).labels, LabelerAnswer, labels(synthetic))
    for name, words, joined in (("labelled", japanese(), ""), ("spanish", spaced("es"), " ")):
        write_records(folder / f"{name}.parquet", LabelledText, labelled_texts(words, joined, size, draw))
    write_rest(files, params)
    for number, right in ((0, 0.5), (1, 0.6)):
        tested = [(split, one) for split in ("dev", "test") for one in tested_questions(files, split)]
        write_records(files.round(number).predictions, SpanPrediction, predictions(tested, right, draw))


def labels(pairs: list[SyntheticPair]) -> Iterator[LabelerAnswer]:
    """Of a labeler that is right in half of its answers."""
    for i, pair in enumerate(pairs):
        yield LabelerAnswer(pair.id, pair.language, 0, [pair.answer if i % 2 else "no"], [pair.answer_start], [0.9])


def tested_questions(files: Workspace, split: str) -> list[Question]:
    """All of a split, as `prepare` gathers them."""
    return [one for language in LANGUAGES for one in read_records(files.source(f"{split}-{language}"), Question)]


def predictions(tested: list[tuple[str, Question]], right: float, draw: random.Random) -> Iterator[SpanPrediction]:
    """Answers of which the share `right` are right, and a few partly so."""
    for split, one in tested:
        f1 = draw.choice((1.0, 1.0, 0.5)) if draw.random() < right else 0.0
        yield SpanPrediction(one.id, one.language, split, one.answers[0], 0.5, one.answer_starts[0], f1, float(f1 == 1))


def write_roles(files: Workspace, size: int, draw: random.Random) -> None:
    """What `read` leaves."""
    write_records(files.source("gold"), Question, questions("en", "es", size, draw))
    for language in LANGUAGES:
        own = random_passages(language, size // 2 // QUESTIONS, draw)
        write_records(files.source(f"passages-{language}"), Passage, own)
        for role, number in (("exemplars", 60), ("dev", size // 100), ("test", size // 20)):
            asked = questions(language, language, number, draw)
            write_records(files.source(f"{role}-{language}"), Question, asked)


def random_passages(words_of: str, count: int, draw: random.Random) -> Iterator[Passage]:
    """Passages of a hundred words."""
    words = spaced(words_of)
    for _ in range(count):
        text = " ".join(draw.choices(words, k=100))
        yield Passage(Passage.id_of(text), words_of, "", text)


def questions(language: str, words_of: str, count: int, draw: random.Random) -> Iterator[Question]:
    """Six about a passage."""
    for passage in random_passages(words_of, -(-count // QUESTIONS), draw):
        for number in range(QUESTIONS):
            asked, answer, start = ask(passage, draw)
            yield Question(f"{passage.id}-{number}", language, "", passage.text, asked, [answer], [start])


def pairs(passages: list[Passage], draw: random.Random) -> Iterator[SyntheticPair]:
    """Six about a passage; every tenth question nearly repeats the one before it."""
    for passage in passages:
        asked, answer, start = "", "", 0
        for number in range(QUESTIONS):
            if not number or draw.random() > 0.1:
                asked, answer, start = ask(passage, draw)
            else:
                asked = f"{asked[:-1]}s?"
            yield SyntheticPair(
                f"{passage.id}-{number}", passage.language, passage.id, passage.text, asked, answer, start
            )


def ask(passage: Passage, draw: random.Random) -> tuple[str, str, int]:
    """A question of eight words, and an answer of two with its place."""
    words = passage.text.split(" ")
    at = draw.randrange(len(words) - 2)
    start = sum(len(word) + 1 for word in words[:at])
    return " ".join(draw.sample(words, 8)) + "?", " ".join(words[at : at + 2]), start


def prompts(passages: list[Passage]) -> Iterator[PassagePrompt]:
    """One for every pair: four solved examples and the passage."""
    shown = " ".join(spaced("es")[:200])
    for passage in passages:
        text = f"{shown}\n{passage.text}"
        for number in range(QUESTIONS):
            settings = {"temperature": 0.7, "top_k": 50, "top_p": 0.9, "seed": number}
            place = {"passage": passage.text, "focus_start": 0, "focus_end": len(passage.text)}
            yield PassagePrompt(
                f"{passage.id}-{number}", passage.language, ["e"], text, **settings, passage_id=passage.id, **place
            )


def labelled_texts(words: list[str], joined: str, count: int, draw: random.Random) -> Iterator[LabelledText]:
    """Pairs of texts of 5 to 12 words each under three labels; of every twenty, one is an earlier one with up to three changes."""
    made: list[tuple[str, str]] = []
    for number in range(count):
        if made and draw.random() < 0.05:
            text, second = draw.choice(made)
            text = "".join(
                draw.choice((character, character, "x")) if draw.random() < 0.05 else character for character in text
            )
        else:
            text, second = (joined.join(draw.choices(words, k=draw.randint(5, 12))) for _ in range(2))
        made.append((text, second))
        yield LabelledText(f"ja-{number}", "ja", text, second, LABELS[number % 3])


def spaced(language: str) -> list[str]:
    """The words of the sample's passages, as often as they occur."""
    document = json.loads((SAMPLE / f"passages.{language}.json").read_text(encoding="utf-8"))
    return [word for article in document["data"] for one in article["paragraphs"] for word in one["context"].split()]


def japanese() -> list[str]:
    """What may pass for words in the sample's sentences."""
    lines = (SAMPLE / "nli.gold.ja.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [word for row in rows for word in _JAPANESE.findall(row["sentence1"] + "。" + row["sentence2"])]


def write_rest(files: Workspace, params: Params) -> None:
    """What the stages between leave, of no size."""
    task = load_task(params)
    for number in (0, 1):
        curve = [{"step": 1, "phase": "gold", "loss": 1.0}]
        write_json(files.round(number).curve, curve)
        write_json(files.round(number).silver_counts, {})
    few = list(questions("es", "es", 12, random.Random(0)))
    probes = task.audit_pairs(few, seed=13)
    audited = audit(probes, [Answer("a", 0, 0.5)] * len(probes), params.filter, task)
    write_json(files.round(1).audit, summarise(audited, task))
    write_json(files.round(0).decision, Decision(False, "", [RoundResult(0, 50.0)]))
    write_json(files.round(1).decision, Decision(True, "", [RoundResult(0, 50.0), RoundResult(1, 60.0)]))
    write_json(
        files.best / "config.json", {"model_type": "gemma3_text", "architectures": ["Gemma3ForQuestionAnswering"]}
    )
    write_json(files.budget, {"round": 1, "silver": 1, "gold": 1})
    completions = [Completion("c", ["k"], language, "", "ok", 0.0, 0.0, 1, 1, 0) for language in LANGUAGES]
    write_json(files.generation, account(completions, [], params.prices, task, generator={}))
    for key, path in params.data.sources.items():
        role, language = params.data.role_of(key)
        card = {"key": key, "role": role, "language": language, "path": path}
        write_json(files.card(key), {**card, "records": 1, "hub": None})
