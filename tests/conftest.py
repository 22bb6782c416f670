"""Tiny real models and a tiny real tokenizer, made once; records of every kind; and clones of this project to run DVC in."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from filelock import FileLock
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import Gemma3ForCausalLM, Gemma3TextConfig, PreTrainedTokenizerFast, XLMRobertaConfig

from gemquad.params import Generation, load_params, read_params, tables
from gemquad.schema import Completion, LabelledText, PassagePrompt, Question, SyntheticPair
from gemquad.sources.squad import read_passages
from gemquad.tasks.loading import load_task
from gemquad.tasks.prompter import AnyPrompter, PromptSources
from gemquad.tasks.prompting import Prompting
from gemquad.tasks.settings import Settings
from task_sections import prompting_of, task_of

ROOT = Path(__file__).parents[1]
os.environ |= {
    f"GIT_{role}_{part}": f"{part}@example.org" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")
}

REFERENCE_RUN = re.compile(r"dvc\.lock|metrics/.*\.json|reports/summary\.md")
"""What the repository carries of a run."""
AFTER_A_RUN = ("test_pipeline", "test_kills", "test_documented_commands", "test_diff", "test_dvc_views", "test_remote")
"""Tests that need a finished run of real DVC, which one process makes for both."""
OF_THEIR_OWN = "test_task_files"
"""Tests that make runs of their own meanwhile."""
HUB_CARD = {
    **{"name": "mine", "language": "es", "repo": "owner/name", "config": None, "split": "train", "data_files": None},
    **{
        "only_rows": None,
        "revision": "main",
        "commit": "0" * 40,
        "licence": None,
        "licence_on_hub": None,
        "citation": None,
    },
    **{"rows": 3, "kept": 2, "dropped": {"no answer": 1}},
}
"""The data card of a fetched file."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests that run DVC first, half of them for each of two processes, which take halves and then from one another."""
    after = [item for item in items if item.path.stem in AFTER_A_RUN]
    own = [item for item in items if item.path.stem == OF_THEIR_OWN]
    rest = [item for item in items if item.path.stem not in (*AFTER_A_RUN, OF_THEIR_OWN)]
    half = len(items) // 2 - len(after[0::2])
    items[:] = [*after[0::2], *rest[:half], *own, *after[1::2], *rest[half:]]


@pytest.fixture(autouse=True)
def own_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test tracks but where it says so; MLflow leaves its address in the environment, which would reach the tests after it."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    monkeypatch.setenv("GEMQUAD_LIVE", "off")
    monkeypatch.setenv("GEMQUAD_FEATURES_GB", "0")


@pytest.fixture
def two_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Ray of this machine, started by what needs it, with two workers."""
    import ray

    monkeypatch.setenv("GEMQUAD_RAY_WORKERS", "2")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    yield
    ray.shutdown()


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    """A SentencePiece-like BPE tokenizer trained on the bundled sample, with Gemma's conventions for spaces."""
    core = Tokenizer(models.BPE(byte_fallback=False, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split("\n", "isolated"),
            pre_tokenizers.Metaspace(prepend_scheme="never", split=True),
            pre_tokenizers.Punctuation("isolated"),
        ]
    )
    core.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.Fuse()])
    trainer = trainers.BpeTrainer(
        vocab_size=2800, special_tokens=["<pad>", "<eos>", "<bos>", "<unk>", "\n"], show_progress=False
    )
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "data/sample").glob("*.json*"))]
    core.train_from_iterator([line for text in texts for line in text.split("\n")], trainer)
    core.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A <bos> $B", special_tokens=[("<bos>", core.token_to_id("<bos>"))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=core, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", unk_token="<unk>"
    )


@pytest.fixture(scope="session")
def tiny_gemma(tokenizer: PreTrainedTokenizerFast, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Gemma 3's architecture, two layers and random weights: generator and student of the tests."""
    return made_once(tmp_path_factory, "tiny-gemma", lambda folder: _write_tiny_gemma(folder, tokenizer))


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that one of the test processes makes, for all of them."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with FileLock(f"{folder}.lock"):
        made = folder.with_suffix(".made")
        if not made.exists():
            make(folder)
            made.touch()
    return folder


def _write_tiny_gemma(folder: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    torch.manual_seed(8)  # with this tokenizer, a model that comes to every outcome of a completion
    config = Gemma3TextConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=1,
        head_dim=8,
        sliding_window=16,
        layer_types=["sliding_attention", "full_attention"],
        query_pre_attn_scalar=8,
        max_position_embeddings=2048,
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=2,
    )
    model = Gemma3ForCausalLM(config)
    _make_line_breaks_likely(model, tokenizer)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _make_line_breaks_likely(model: Gemma3ForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    """Turn the line break's (tied) embedding towards the hidden states, or a random model would never end a field."""
    ids = tokenizer("Texto: Ana vive en Lima y trabaja en Cusco.\nPregunta:", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        direction = model.model(ids).last_hidden_state[0].mean(0)
        model.get_input_embeddings().weight[tokenizer.convert_tokens_to_ids("\n")] = 0.4 * direction


def tiny_encoder(tokenizer: PreTrainedTokenizerFast, **changes: object) -> XLMRobertaConfig:
    """XLM-R's architecture with two small layers; `changes` replace or add settings."""
    settings: dict[str, object] = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "pad_token_id": 0,
    }
    return XLMRobertaConfig(**{**settings, **changes})


def clone_project(target: Path) -> Path:
    """The project's files, committed or not, as a Git and DVC repository of its own in which nothing has run yet."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if (ROOT / name).exists() and not REFERENCE_RUN.fullmatch(name):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "clone"]):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=target, check=True)
    return target


def question(passage: str = "Ana vive en Lima.", answer: str = "Lima", **changes: object) -> Question:
    """A gold question for tests; `changes` replace its other fields."""
    fields: dict[str, object] = {
        "id": "q1",
        "language": "es",
        "title": "",
        "passage": passage,
        "question": "¿Dónde vive Ana?",
        "answers": [answer],
        "answer_starts": [passage.index(answer)],
    }
    return Question(**{**fields, **changes})


def with_tables(params: dict[str, Any]) -> dict[str, Any]:
    """The content of params.yaml after a change of settings, with the tables that follow from them."""
    made = tables(read_params(params))
    return {**params, "data": {**params["data"], "sources": made.pop("data.sources")}, **made}


def pair(identifier: str = "p1", answer: str = "Lima", language: str = "es", **changes: object) -> SyntheticPair:
    """A synthetic pair for tests; `changes` replace its other fields."""
    passage = "Ana vive en Lima y trabaja en Cusco."
    one = SyntheticPair(identifier, language, "x", passage, "¿Dónde vive Ana?", answer, passage.index(answer))
    return replace(one, **changes)


def labelled(
    identifier: str = "t1", text: str = "便利です。", second: str = "", label: str = "positive", language: str = "ja"
) -> LabelledText:
    """A labelled text for tests, or with `second` a pair of them."""
    return LabelledText(identifier, language, text, second, label)


def completion(identifier: str = "p1", **changes: object) -> Completion:
    """A completion that was read as a pair; `changes` replace its other fields."""
    fields: dict[str, object] = {
        "id": identifier,
        "keys": [f"key of {identifier}"],
        "language": "es",
        "text": "",
        "outcome": "ok",
        "answer_logprob": -1.0,
        "answer_prior_logprob": -9.0,
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "judged_tokens": 0,
    }
    return Completion(**{**fields, **changes})


def prompter_of(
    task: dict[str, Any] | Settings, prompting: dict[str, Any] | Prompting, generation: Generation
) -> AnyPrompter:
    """The prompter of these sections; all others are the defaults."""
    params = load_params(ROOT / "params.yaml")
    settings = task_of(task) if isinstance(task, dict) else task
    typed = prompting_of(prompting, settings) if isinstance(prompting, dict) else prompting
    fitting: dict[str, Any] = {
        "stopping": replace(params.stopping, metric=settings.metrics[0]),
        "filter": replace(params.filter, keep_fraction=1.0),
    }
    return load_task(replace(params, task=settings, prompting=typed, generation=generation, **fitting)).prompter


def sample_prompts(passages: int, prompts_per_passage: int) -> list[PassagePrompt]:
    """Zero-shot prompts over the first passages of the bundled sample in Spanish, with the default settings."""
    params = load_params(ROOT / "params.yaml")
    prompting: Any = replace(params.prompting, shots=0, prompts_per_passage=prompts_per_passage)
    chosen = read_passages(ROOT / "data/sample/passages.es.json", "es")[:passages]
    prompter = prompter_of(params.task, prompting, params.generation)
    return prompter.prompts(PromptSources(["es"], [], chosen), params.sampling, params.seed)
