"""How to load the student and let it answer, as code that runs unchanged."""

from collections.abc import Mapping
from typing import Any

from gemquad.cards.markdown import fenced

_OWN_HEADS = ("gemma3_text",)
"""Model types whose heads are in `gemquad.student.gemma`."""


def usage(config: Mapping[str, Any]) -> str:
    """Markdown with code that loads the student and answers an example; `config` is the student's config.json."""
    has_own_head = config["model_type"] in _OWN_HEADS
    model_class = f"AutoModelFor{config['architectures'][0].rpartition('For')[2]}"
    code = [
        *(["import gemquad.student.gemma  # its head, which transformers does not have"] if has_own_head else []),
        f"from transformers import {model_class}, AutoTokenizer",
        "",
        'folder = "."  # or the id of the repository on the hub',
        f"model = {model_class}.from_pretrained(folder)",
        "tokenizer = AutoTokenizer.from_pretrained(folder)",
    ]
    shell = fenced("bash", ["gemquad predict --model . --file rows.jsonl  # --help has the columns of the rows"])
    loading = f"As a model of transformers:\n\n{fenced('python', code)}"
    return f"With the package that made it, asked as it was trained:\n\n{shell}\n\n{loading}"
