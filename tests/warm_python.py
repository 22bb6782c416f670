"""A Python that has imported torch, transformers and MLflow, and forks for every stage that a test's DVC starts.

Starting a stage anew costs four to five seconds of imports, for hundreds of stages. `python -m gemquad.stages.…` therefore reaches,
through a `python` that stands first on the path of the tests' checkouts, this server; the project itself is imported by the fork,
from the checkout. Everything else, and a stage that is told about a hub by its environment, gets a Python of its own.

As a program: `warm_python.py serve SOCKET`, `warm_python.py run SOCKET ARGUMENTS…`.
"""

import atexit
import gc
import json
import os
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_READ_AT_IMPORT = ("HF_", "TRANSFORMERS_", "OMP_")
_STAGES = "gemquad.stages."


@cache
def folder() -> Path:
    """A folder with a `python` that knows the server of this process, which ends with it."""
    place = Path(tempfile.mkdtemp(prefix="warm-python-"))
    address = place / "socket"
    program = f'#!/bin/sh\nexec "{sys.executable}" -I -S "{__file__}" run "{address}" "$@"\n'
    (place / "python").write_text(program)
    (place / "python").chmod(0o755)
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    server = [sys.executable, __file__, "serve", str(address), str(os.getpid())]
    with (place / "log").open("w") as log:
        subprocess.Popen(server, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    return place


def run(address: str, arguments: list[str]) -> int:
    """Run a stage by the server and return its exit status; anything else replaces this process."""
    is_stage = arguments[:1] == ["-m"] and arguments[1].startswith(_STAGES)
    if not is_stage or os.environ.get("WARM_PYTHON_FOR") != imported(os.environ):
        os.execv(sys.executable, [sys.executable, *arguments])
    request = {"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as connection:
        _connect(connection, address)
        socket.send_fds(connection, [b"!"], [0, 1, 2])
        connection.sendall(json.dumps(request).encode() + b"\n")
        return int(connection.makefile().readline() or 1)


def imported(environment: Mapping[str, str]) -> str:
    """What libraries read when they are imported, so that a server of other values is of no use."""
    return json.dumps(sorted(item for item in environment.items() if item[0].startswith(_READ_AT_IMPORT)))


def _connect(connection: socket.socket, address: str) -> None:
    for _ in range(600):
        try:
            return connection.connect(address)
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"no server at {address}")


def serve(address: str, owner: int) -> None:
    """Fork for every connection, until the process `owner` is gone."""
    import transformers
    import transformers.models.gemma3.modeling_gemma3
    import transformers.trainer  # noqa: F401

    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen(16)
        listening.settimeout(2)
        while _is_there(owner):
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listening.close()
                _answer(connection)
                return
            connection.close()
    shutil.rmtree(Path(address).parent)


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True


def _answer(connection: socket.socket) -> None:
    """Become the stage that is asked for, in a child whose exit status goes back."""
    _, files, _, _ = socket.recv_fds(connection, 1, 3)
    request = json.loads(connection.makefile().readline())
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)
    connection.close()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    _become(request)


def _become(request: dict[str, Any]) -> None:
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    paths = request["environment"].get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:] = [request["folder"], *filter(None, paths), *sys.path[1:]]
    _, module, *arguments = request["arguments"]
    sys.argv = [module, *arguments]
    status = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        status = _status(ended.code)
    except BaseException:
        traceback.print_exc()
        status = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(status)  # taking down all that was imported would last longer than most stages


def _status(code: object) -> int:
    if isinstance(code, str):
        print(code, file=sys.stderr)
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    command, at, *rest = sys.argv[1:]
    if command == "run":
        sys.exit(run(at, rest))
    serve(at, int(rest[0]))
