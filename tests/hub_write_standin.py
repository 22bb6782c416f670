"""The hub's HTTP interface for writing, added to the stand-in that reads: repositories, cards, large files, commits.

As the hub does it: small files travel inside the commit, large ones are asked for by their SHA-256, put to another address, and
only named in the commit. A token is known or not (401) and may write to some owners (403).
"""

import base64
import hashlib
import json
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from card_rules import problems
from hub_standin import HubStandIn, git_hash, handler, is_large

TOKEN = "hf_of_the_tests"


class Refused(Exception):
    """A status and what the hub says with it."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class WritableHub(HubStandIn):
    """`with WritableHub(folder, owners=["ana"]) as hub`; `hub.commits` names what each commit changed."""

    def __init__(self, folder: Path, owners: list[str]) -> None:
        super().__init__(folder)
        self.owners = owners
        self.private: set[str] = set()
        self.commits: list[tuple[str, list[str]]] = []
        self.large: dict[str, bytes] = {}
        self._server.RequestHandlerClass = _writing(self)

    def environment(self, home: Path) -> dict[str, str]:
        return {**super().environment(home), "HF_TOKEN": TOKEN}

    def create(self, asked: dict[str, Any]) -> dict[str, str]:
        kind, name = f"{asked.get('type', 'model')}s", f"{asked['organization']}/{asked['name']}"
        self._check_owner(name)
        address = {"url": f"{self.endpoint}/{'' if kind == 'models' else f'{kind}/'}{name}"}
        if (self.folder / kind / name).is_dir():
            raise Refused(HTTPStatus.CONFLICT, json.dumps({"error": "You already created this repo", **address}))
        (self.folder / kind / name).mkdir(parents=True)
        if asked.get("visibility") == "private":
            self.private.add(f"{kind}/{name}")
        return address

    def preupload(self, kind: str, name: str, files: list[dict[str, Any]]) -> dict[str, Any]:
        """How each file is to travel, and what the repository has under its path."""
        self._check_owner(name)
        folder = self.repository(kind, name).folder

        def entry(path: str) -> dict[str, Any]:
            there = (folder / path).read_bytes() if (folder / path).is_file() else None
            oid = None if there is None else hashlib.sha256(there).hexdigest() if is_large(path) else git_hash(there)
            mode = "lfs" if is_large(path) else "regular"
            return {"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": oid}

        return {"files": [entry(file["path"]) for file in files]}

    def batch(self, objects: list[dict[str, Any]]) -> dict[str, Any]:
        """Git LFS: where to put what is not there yet."""
        wanted = [
            one
            if one["oid"] in self.large
            else {**one, "actions": {"upload": {"href": f"{self.endpoint}/put/{one['oid']}"}}}
            for one in objects
        ]
        return {"transfer": "basic", "objects": wanted}

    def commit(self, kind: str, name: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
        self._check_owner(name)
        folder = self.repository(kind, name).folder
        changed = [line["value"]["path"] for line in lines if line["key"] != "header"]
        for key, value in ((line["key"], line["value"]) for line in lines):
            if key == "deletedFile":
                (folder / value["path"]).unlink()
            elif key in ("file", "lfsFile"):
                content = base64.b64decode(value["content"]) if key == "file" else self.large[value["oid"]]
                (folder / value["path"]).parent.mkdir(parents=True, exist_ok=True)
                (folder / value["path"]).write_bytes(content)
        self.commits.append((f"{kind}/{name}", sorted(changed)))
        commit = self.repository(kind, name).commit
        return {"success": True, "commitOid": commit, "commitUrl": f"{self.endpoint}/{name}/commit/{commit}"}

    def _check_owner(self, name: str) -> None:
        if name.split("/")[0] not in self.owners:
            raise Refused(HTTPStatus.FORBIDDEN, "You don't have the rights to create or change this repository")


def _writing(hub: WritableHub) -> type[Any]:
    reading: Any = handler(hub)

    class Handler(reading):
        def do_PUT(self) -> None:
            self.answer()

        def route(self, parts: list[str], body: bytes) -> None:
            try:
                self.write([unquote(part) for part in parts], body)
            except Refused as refused:
                said = {"X-Error-Message": str(refused)} if not str(refused).startswith("{") else {}
                self.send(refused.status, said, str(refused).encode() if not said else b"{}")

        def write(self, parts: list[str], body: bytes) -> None:
            match self.command, parts:
                case "POST", ["api", "validate-yaml"]:
                    self.validate(json.loads(body))
                case "POST", ["api", "repos", "create"]:
                    self.check_token()
                    self.send_json(hub.create(json.loads(body)))
                case "POST", ["api", kind, owner, name, "preupload", _]:
                    self.check_token()
                    self.send_json(hub.preupload(kind, f"{owner}/{name}", json.loads(body)["files"]))
                case "POST", [*_, "info", "lfs", "objects", "batch"]:
                    self.check_token()
                    self.send_json(hub.batch(json.loads(body)["objects"]))
                case "PUT", ["put", oid]:
                    if hashlib.sha256(body).hexdigest() != oid:
                        raise Refused(HTTPStatus.BAD_REQUEST, "not the content of that hash")
                    hub.large[oid] = body
                    self.send(HTTPStatus.OK, {}, b"")
                case "POST", ["api", kind, owner, name, "commit", _]:
                    self.check_token()
                    lines = [json.loads(line) for line in body.splitlines()]
                    self.send_json(hub.commit(kind, f"{owner}/{name}", lines))
                case "GET", ["api", kind, owner, name]:
                    info = hub.repository(kind, f"{owner}/{name}").info()
                    self.send_json({**info, "private": f"{kind}/{owner}/{name}" in hub.private})
                case _:
                    super().route(urlsplit(self.path).path.strip("/").split("/"), body)

        def validate(self, asked: dict[str, str]) -> None:
            found = [{"message": message} for message in problems(asked["repoType"], asked["content"])]
            answer = json.dumps({"errors": found, "warnings": []}).encode()
            self.send(HTTPStatus.BAD_REQUEST if found else HTTPStatus.OK, {"Content-Type": "application/json"}, answer)

        def check_token(self) -> None:
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                raise Refused(HTTPStatus.UNAUTHORIZED, "Invalid credentials in Authorization header")

    return Handler
