"""A hub with everything that `experiment=paper` asks for, each data set and model in its own layout and as small as can be.

The rows are the bundled sample's, so that the leak gate finds nothing. MLQA's test sets in the languages that the sample lacks
hold English rows.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
import yaml
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    Qwen2Tokenizer,
    Qwen3Config,
    Qwen3ForCausalLM,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
    XLMRobertaTokenizer,
)

SAMPLE = Path(__file__).parents[1] / "data/sample"
SCHEMA = pa.schema(
    {
        "id": pa.string(),
        "title": pa.string(),
        "context": pa.string(),
        "question": pa.string(),
        "answers": pa.struct({"text": pa.list_(pa.string()), "answer_start": pa.list_(pa.int32())}),
    }
)
MLQA_LANGUAGES = ("ar", "de", "en", "es", "hi", "vi", "zh")

Rows = list[dict[str, Any]]


def write_paper_hub(folder: Path) -> None:
    """Write the repositories that `conf/data/paper.yaml`, the student XLM-R base and the generator Qwen3 14B name."""
    english = sample_rows("gold.en")
    squad = {"plain_text": {"train": english[:36], "validation": english[36:42]}}
    write_dataset(folder, "rajpurkar/squad", squad, "cc-by-sa-4.0")
    exemplars = {language: sample_rows(f"exemplars.{language}") for language in ("es", "hi")}
    xquad = {f"xquad.{language}": {"validation": rows[:12]} for language, rows in exemplars.items()}
    write_dataset(folder, "google/xquad", xquad, "cc-by-sa-4.0")
    mlqa = {f"MLQA.{language}.{language}": _mlqa(language) for language in MLQA_LANGUAGES}
    write_dataset(folder, "google/xtreme", mlqa, ["apache-2.0", "cc-by-sa-4.0"])
    for language, rows in exemplars.items():
        write_rows(folder / f"datasets/facebook/mlqa/mlqa-translate-train.{language}/train/0000.parquet", rows[12:])
    tiny_xlmr(folder / "models/FacebookAI/xlm-roberta-base")
    tiny_qwen(folder / "models/Qwen/Qwen3-14B-Base")


def _mlqa(language: str) -> dict[str, Rows]:
    if (SAMPLE / f"dev.{language}.json").exists():
        return {"validation": sample_rows(f"dev.{language}")[:12], "test": sample_rows(f"test.{language}")[:12]}
    english = sample_rows("gold.en")
    return {"validation": english[60:66], "test": english[66:72]}


def sample_rows(name: str) -> Rows:
    """A file of the bundled sample as flat rows in the hub's form."""
    document = json.loads((SAMPLE / f"{name}.json").read_text(encoding="utf-8"))
    return [
        {
            "id": qa["id"],
            "title": article["title"],
            "context": paragraph["context"],
            "question": qa["question"],
            "answers": {key: [answer[key] for answer in qa["answers"]] for key in ("text", "answer_start")},
        }
        for article in document["data"]
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    ]


def write_dataset(folder: Path, name: str, configs: dict[str, dict[str, Rows]], licence: str | list[str]) -> None:
    """A data set as `push_to_hub` lays it out: `CONFIG/SPLIT-00000-of-00001.parquet`, and a README that says so."""
    repository = folder / "datasets" / name
    for config, splits in configs.items():
        for split, rows in splits.items():
            write_rows(repository / config / f"{split}-00000-of-00001.parquet", rows)
    declared = [
        {
            "config_name": config,
            "data_files": [{"split": split, "path": f"{config}/{split}-*"} for split in splits],
        }
        for config, splits in configs.items()
    ]
    metadata = yaml.safe_dump({"license": licence, "configs": declared})
    (repository / "README.md").write_text(f"---\n{metadata}---\n# {name}\n", encoding="utf-8")


def write_rows(path: Path, rows: Rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path)


def tiny_xlmr(folder: Path) -> None:
    """XLM-R's architecture and tokenizer class, two layers and random weights."""
    trained = Tokenizer(models.Unigram())
    trained.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    trained.train_from_iterator(sample_texts(), trainers.UnigramTrainer(vocab_size=1000, show_progress=False))
    special = [(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>")]
    pieces = json.loads(trained.to_str())["model"]["vocab"]
    tokenizer = XLMRobertaTokenizer(
        vocab=[*special, *((piece, score) for piece, score in pieces if piece != "<unk>"), ("<mask>", 0.0)]
    )
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=514,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
    )
    XLMRobertaForMaskedLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def tiny_qwen(folder: Path) -> None:
    """Qwen3's architecture and tokenizer class (byte-level BPE); two layers that say words of the sample and line breaks."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=1000, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False
    )
    trained.train_from_iterator(sample_texts(), trainer)
    core = json.loads(trained.to_str())["model"]
    tokenizer = Qwen2Tokenizer(vocab=core["vocab"], merges=[tuple(merge) for merge in core["merges"]])
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=2048,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=0,
    )
    model = Qwen3ForCausalLM(config)
    _speak_words(model, tokenizer)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _speak_words(model: Qwen3ForCausalLM, tokenizer: Qwen2Tokenizer) -> None:
    """Make all tokens look alike to the model, so that it has one distribution for the next: of random text nothing would align.

    It is even over the 24 most frequent words of the Spanish and Hindi sample that are one token; a line break comes half as
    often as all of them, so that many answers are one word, which the passage then often has.
    """
    counts = Counter(word for text in sample_texts("*.es.json", "*.hi.json") for word in text.split())
    words = [token for token in range(len(tokenizer)) if tokenizer.decode([token]).startswith(" ")]
    words.sort(key=lambda token: counts[tokenizer.decode([token])[1:]], reverse=True)
    logits = torch.full((len(tokenizer),), -30.0)
    logits[words[:24]] = 0.0
    logits[tokenizer.convert_tokens_to_ids("Ċ")] = math.log(12)
    with torch.no_grad():
        model.get_input_embeddings().weight.fill_(1.0)
        hidden = model.model(torch.tensor([[0]])).last_hidden_state[0, 0]
        model.lm_head.weight.copy_(logits[:, None] * hidden / hidden.dot(hidden))


def sample_texts(*names: str) -> Iterable[str]:
    """The passages and questions of the sample's files, of all if no pattern says which."""
    for path in sorted(path for name in names or ("*.json",) for path in SAMPLE.glob(name)):
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
            for paragraph in article["paragraphs"]:
                yield paragraph["context"]
                yield from (qa["question"] for qa in paragraph.get("qas", []))
