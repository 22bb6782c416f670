"""A stand-in for the hub's HTTP interface, for tests: it serves a folder to the real clients.

Below the folder stand `datasets/OWNER/NAME/…` and `models/OWNER/NAME/…`, files laid out as in their repositories. Every commit
hash, `main` and every `refs/…` shows the files as they are now; other revisions do not exist. Weights and Parquet files are
served as the hub serves large files: from another address, under their SHA-256.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from local_server import listening

LARGE = {".parquet", ".safetensors"}


class NotThere(Exception):
    """What the hub says, with status 404, in the header X-Error-Code."""


@dataclass(frozen=True)
class Repository:
    """A repository at a revision that was asked for."""

    folder: Path
    name: str
    revision: str

    @property
    def commit(self) -> str:
        """The revision itself if it is a commit hash, else a hash of the content."""
        if re.fullmatch(r"[0-9a-f]{40}", self.revision):
            return self.revision
        digest = hashlib.sha1(self.revision.encode())
        for path in self.paths():
            digest.update(path.encode() + (self.folder / path).read_bytes())
        return digest.hexdigest()

    def paths(self) -> list[str]:
        return sorted(file.relative_to(self.folder).as_posix() for file in self.folder.rglob("*") if file.is_file())

    def file(self, path: str) -> Path:
        if path not in self.paths():
            raise NotThere("EntryNotFound")
        return self.folder / path

    def info(self) -> dict[str, Any]:
        return {
            "_id": self.name,
            "id": self.name,
            "modelId": self.name,
            "sha": self.commit,
            "private": False,
            "gated": False,
            "disabled": False,
            "downloads": 0,
            "likes": 0,
            "tags": [],
            "siblings": [{"rfilename": path} for path in self.paths()],
        }

    def tree(self, below: str, recursive: bool) -> list[dict[str, Any]]:
        """Files and folders below a folder of the repository, as its listing gives them."""
        start = f"{below}/" if below else ""
        inside = [path for path in self.paths() if path.startswith(start)]
        if below and not inside:
            raise NotThere("EntryNotFound")
        near = [path for path in inside if recursive or "/" not in path.removeprefix(start)]
        folders = {start + path.removeprefix(start).split("/")[0] for path in inside if path not in near}
        return [{"type": "directory", "path": path, "size": 0, "oid": "0" * 40} for path in sorted(folders)] + [
            self.entry(path) for path in near
        ]

    def entry(self, path: str) -> dict[str, Any]:
        content = self.file(path).read_bytes()
        entry: dict[str, Any] = {"type": "file", "path": path, "size": len(content), "oid": git_hash(content)}
        if is_large(path):
            entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
        return entry


def git_hash(content: bytes) -> str:
    """Git's name of a file's content, the ETag of small files."""
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()


def is_large(path: str) -> bool:
    return Path(path).suffix in LARGE


class HubStandIn:
    """`with HubStandIn(folder) as hub: subprocess.run(…, env=os.environ | hub.environment(home))`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self._listening = listening(self._server)

    def __enter__(self) -> "HubStandIn":
        self._listening.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        self._listening.__exit__(*raised)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def environment(self, home: Path) -> dict[str, str]:
        """What the clients must find in their environment: this hub, a cache of their own, no proxy, no telemetry."""
        return {
            "HF_ENDPOINT": self.endpoint,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_XET": "1",
            "HF_UPDATE_DOWNLOAD_COUNTS": "0",
            "NO_PROXY": "127.0.0.1",
        }

    def repository(self, kind: str, name: str, revision: str = "main") -> Repository:
        folder = self.folder / kind / name
        if not folder.is_dir():
            raise NotThere("RepoNotFound")
        if not re.fullmatch(r"[0-9a-f]{40}|main|refs/.+", revision):
            raise NotThere("RevisionNotFound")
        return Repository(folder, name, revision)


def handler(hub: HubStandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer()

        def do_HEAD(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            hub.asked.append(f"{self.command} {unquote(self.path)}")
            try:
                self.route(urlsplit(self.path).path.strip("/").split("/"), body)
            except NotThere as error:
                self.send(404, {"X-Error-Code": str(error), "X-Error-Message": str(error)}, b"{}")

        def route(self, parts: list[str], body: bytes) -> None:
            match [unquote(part) for part in parts]:
                case ["api", kind, owner, name]:
                    self.send_json(hub.repository(kind, f"{owner}/{name}").info())
                case ["api", kind, owner, name, "revision", revision]:
                    self.send_json(hub.repository(kind, f"{owner}/{name}", revision).info())
                case ["api", kind, owner, name, "tree", revision, *below]:
                    recursive = parse_qs(urlsplit(self.path).query).get("recursive", ["false"])[0].lower() == "true"
                    repository = hub.repository(kind, f"{owner}/{name}", revision)
                    self.send_json(repository.tree("/".join(below), recursive))
                case ["api", kind, owner, name, "paths-info", revision]:
                    repository = hub.repository(kind, f"{owner}/{name}", revision)
                    wanted = parse_qs(body.decode()).get("paths", [])
                    self.send_json([repository.entry(path) for path in wanted if path in repository.paths()])
                case ["datasets", owner, name, "resolve", revision, *path]:
                    self.resolve(hub.repository("datasets", f"{owner}/{name}", revision), "/".join(path))
                case ["large", kind, owner, name, revision, *path]:
                    self.send_file(hub.repository(kind, f"{owner}/{name}", revision), "/".join(path))
                case [owner, name, "resolve", revision, *path]:
                    self.resolve(hub.repository("models", f"{owner}/{name}", revision), "/".join(path))
                case _:
                    raise NotThere("EntryNotFound")

        def resolve(self, repository: Repository, path: str) -> None:
            """Small files at once, large ones by a redirection that carries what the client must know."""
            if not is_large(path):
                return self.send_file(repository, path)
            content = repository.file(path).read_bytes()
            kind = repository.folder.relative_to(hub.folder).parts[0]
            headers = {
                "Location": f"{hub.endpoint}/large/{kind}/{repository.name}/{repository.commit}/{path}",
                "X-Linked-Size": str(len(content)),
                "X-Linked-ETag": f'"{hashlib.sha256(content).hexdigest()}"',
                "X-Repo-Commit": repository.commit,
            }
            return self.send(302, headers, b"")

        def send_file(self, repository: Repository, path: str) -> None:
            content = repository.file(path).read_bytes()
            headers = {"ETag": f'"{git_hash(content)}"', "X-Repo-Commit": repository.commit, "Accept-Ranges": "bytes"}
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if not asked:
                return self.send(200, headers, content)
            first, last = int(asked[1]), min(int(asked[2] or len(content) - 1), len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            return self.send(206, headers, content[first : last + 1])

        def send_json(self, value: Any) -> None:
            self.send(200, {"Content-Type": "application/json"}, json.dumps(value).encode())

        def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean; `hub.asked` has the requests."""

    return Handler
