"""A disk that is full after so many bytes, by the limit that a process sets itself: one line, and nothing left behind.

RLIMIT_FSIZE fails a write as a full disk does, after a part of it, with another number; a small file system needs root.
"""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import resource, sys
from pathlib import Path
from gemquad.errors import exit_on_user_error

def text():
    from gemquad.files import write_text
    write_text(Path("made"), "a" * 100_000)

def database():
    import sqlite3
    with sqlite3.connect("made.db") as made:
        made.execute("CREATE TABLE made (text)")
        made.execute("INSERT INTO made VALUES (?)", ["a" * 100_000])

def weights():
    import torch
    from safetensors.torch import save_file
    save_file({"made": torch.zeros(100_000)}, "made.safetensors")

def checkpoint():
    import torch
    torch.save({"made": torch.zeros(100_000)}, "made.pt")

def memory():
    import torch
    torch.zeros(10**14)

def numbers():
    import numpy
    numpy.zeros(10**14)

def model():
    from gemquad.pretrained import Origin
    with Origin("model 'm'", "Copy it again.").loading():
        bytearray(10**17)

what, size = sys.argv[1], int(sys.argv[2])
if what in ("weights", "checkpoint", "memory"):
    import torch, safetensors.torch
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
exit_on_user_error(globals()[what])
"""


def ended(folder: Path, what: str, size: int) -> str:
    command = [sys.executable, "-c", PROGRAM, what, str(size)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ") and line.endswith("then run the same command again.")
    return line


@pytest.mark.parametrize("size", [0, 1, 4096, 65_536, 99_999])
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path, size: int) -> None:
    assert "the disk has room" in ended(tmp_path, "text", size)
    assert list(tmp_path.iterdir()) == []
    assert "the disk has room" in ended(tmp_path, "database", size)


@pytest.mark.parametrize("what", ["weights", "checkpoint"])
def test_so_it_is_for_what_libraries_write(tmp_path: Path, what: str) -> None:
    assert "the disk has room" in ended(tmp_path, what, 65_536)


@pytest.mark.parametrize("what", ["memory", "numbers", "model"])
def test_too_little_memory_is_one_line(tmp_path: Path, what: str) -> None:
    assert "End other programs" in ended(tmp_path, what, resource.RLIM_INFINITY)
