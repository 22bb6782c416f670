"""A real local Ray with two workers gives what one process gives."""

from dataclasses import replace
from pathlib import Path

import pytest

from gemquad.errors import UserError
from gemquad.generation.backends.over_ray import RayBackend
from gemquad.generation.backends.registry import load_backend
from gemquad.generation.backends.server import ServerBackend
from gemquad.generation.engine import Caps, Engine
from gemquad.generation.pairs import PairPlan, generate_pairs
from gemquad.generation.store import CompletionStore
from gemquad.params import ModelSource, load_params
from gemquad.schema import PassagePrompt
from gemquad.sources.squad import read_passages, read_questions
from gemquad.tasks.extractive_qa.prompt import PassagePrompter
from gemquad.tasks.prompter import PromptSources

ROOT = Path(__file__).parents[1]
PARAMS = load_params(ROOT / "params.yaml")
GENERATION = replace(
    PARAMS.generation,
    max_question_tokens=12,
    max_answer_tokens=6,
    batch_tokens=2048,
    require_question_mark=False,
    require_script=False,
)
PROMPTER = PassagePrompter(replace(PARAMS.prompting, shots=1, prompts_per_passage=4), GENERATION)
PLAN = PairPlan(PROMPTER, GENERATION)


@pytest.fixture(scope="module")
def prompts() -> list[PassagePrompt]:
    passages = read_passages(ROOT / "data/sample/passages.hi.json", "hi")[:8]
    exemplars = read_questions(ROOT / "data/sample/exemplars.hi.json", "hi")
    return PROMPTER.prompts(PromptSources(["hi"], exemplars, passages), PARAMS.sampling, 1)


def test_two_ray_workers_give_the_pairs_of_one_process(
    prompts: list[PassagePrompt], tiny_gemma: Path, tmp_path: Path, two_workers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = ModelSource(str(tiny_gemma))
    generation = replace(GENERATION, dtype="float32", rank_by="answer")
    spread = load_backend(PARAMS.backend, source, generation)
    assert isinstance(spread, RayBackend)
    over_ray = generate_pairs(prompts, Engine(spread, CompletionStore(tmp_path / "ray.db")), PLAN)
    monkeypatch.delenv("GEMQUAD_RAY_WORKERS")
    alone = Engine(load_backend(PARAMS.backend, source, generation), CompletionStore(tmp_path / "alone.db"))
    completions, pairs = generate_pairs(prompts, alone, PLAN)
    assert [c.text for c in over_ray[0]] == [c.text for c in completions]
    assert over_ray[1] == pairs and pairs
    assert [c.keys for c in over_ray[0]] == [c.keys for c in completions], "both find each other's completions"


def test_a_cap_holds_over_ray_too(prompts: list[PassagePrompt], tmp_path: Path, two_workers: None) -> None:
    backend = load_backend(replace(PARAMS.backend, name="scripted"), PARAMS.generator, GENERATION)
    engine = Engine(backend, CompletionStore(tmp_path / "c.db"), Caps(max_tokens=1))
    with pytest.raises(UserError, match="max_tokens 1"):
        generate_pairs(prompts, engine, PLAN)


def test_workers_would_only_wait_for_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMQUAD_RAY_WORKERS", "2")
    backend = load_backend(replace(PARAMS.backend, name="openai"), PARAMS.generator, GENERATION)
    assert isinstance(backend, ServerBackend)
