from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from gemquad.student.averaging import average


def saved(folder: Path, dtype: torch.dtype, **tensors: list[float]) -> Path:
    folder.mkdir()
    weights = {name: torch.tensor(values, dtype=dtype) for name, values in tensors.items()}
    save_file({**weights, "positions": torch.arange(3)}, folder / "model.safetensors", {"format": "pt"})
    (folder / "gemquad.json").write_text(f'"{folder.name}"')
    return folder


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_the_mean_has_the_students_dtype_and_the_last_ones_description(tmp_path: Path, dtype: torch.dtype) -> None:
    rounds = [saved(tmp_path / str(i), dtype, head=[i, -i], frozen=[0.1, 0.3]) for i in (1, 2, 6)]
    before = [(folder / "model.safetensors").read_bytes() for folder in rounds]
    average(rounds, tmp_path / "best")
    mean = load_file(tmp_path / "best/model.safetensors")
    assert mean["head"].dtype == dtype and mean["head"].tolist() == [3.0, -3.0]
    assert torch.equal(mean["frozen"], torch.tensor([0.1, 0.3], dtype=dtype)), "what no round trained stays bit for bit"
    assert mean["positions"].tolist() == [0, 1, 2]
    assert (tmp_path / "best/gemquad.json").read_text() == '"6"'
    assert [(folder / "model.safetensors").read_bytes() for folder in rounds] == before


def test_the_sum_is_in_fp32(tmp_path: Path) -> None:
    """256 + 1 is 256 in bf16: there the mean of 256, 1 and 1 would be 85.5, not 86."""
    rounds = [saved(tmp_path / str(i), torch.bfloat16, head=[value]) for i, value in enumerate([256.0, 1.0, 1.0])]
    average(rounds, tmp_path / "best")
    assert load_file(tmp_path / "best/model.safetensors")["head"].tolist() == [86.0]


def test_a_link_to_a_rounds_weights_is_replaced_and_not_written_to(tmp_path: Path) -> None:
    one, other = (saved(tmp_path / str(i), torch.float32, head=[i]) for i in (1.0, 3.0))
    (tmp_path / "best").mkdir()
    (tmp_path / "best/model.safetensors").hardlink_to(other / "model.safetensors")
    average([one, other], tmp_path / "best")
    assert load_file(other / "model.safetensors")["head"].tolist() == [3.0]
