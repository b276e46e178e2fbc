"""A small real HTTP server that speaks as much of the hub's protocol as ``datasets`` needs to load a dataset.

It also serves plain files, for the url door, and counts what was asked of it.
"""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Repository:
    """A dataset at one commit: its files, and the token that opens it if it is gated."""

    files: Mapping[str, bytes]
    token: str | None = None
    accepted: bool = True


@dataclass
class Hub:
    """The server's content by dataset id, plain files by path, and the requests so far as "METHOD path"."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    plain: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    address: str = ""


def _git_blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.requests.append(f"{self.command} {path}")
            if path.lstrip("/") in hub.plain:
                return self._send(200, hub.plain[path.lstrip("/")])
            for name, repository in hub.repositories.items():
                if path.startswith(f"/api/datasets/{name}"):
                    return self._api(name, repository, path.removeprefix(f"/api/datasets/{name}"))
                if path.startswith(f"/datasets/{name}/resolve/"):
                    return self._resolve(repository, path.removeprefix(f"/datasets/{name}/resolve/"))
            return self._refuse(404, "RepoNotFound", "Repository not found")

        def _locked(self, repository: Repository) -> bool:
            if repository.token is None:
                return False
            given = self.headers.get("Authorization")
            if given != f"Bearer {repository.token}":
                self._refuse(401, "GatedRepo", "Access to this dataset is restricted. You must be authenticated.")
                return True
            if not repository.accepted:
                self._refuse(403, "GatedRepo", "Access to this dataset is restricted and you are not on its list.")
                return True
            return False

        def _api(self, name: str, repository: Repository, rest: str) -> None:
            if rest.startswith("/tree/"):
                if self._locked(repository):
                    return None
                folder = rest.removeprefix("/tree/").partition("/")[2]
                return self._json(_listing(repository, folder))
            siblings = [{"rfilename": file} for file in repository.files]
            return self._json(
                {"id": name, "sha": COMMIT, "private": False, "gated": bool(repository.token), "siblings": siblings}
            )

        def _resolve(self, repository: Repository, rest: str) -> None:
            if self._locked(repository):
                return None
            data = repository.files.get(rest.partition("/")[2])
            if data is None:
                return self._refuse(404, "EntryNotFound", "Entry not found")
            return self._send(200, data, {"ETag": f'"{_git_blob(data)}"', "X-Repo-Commit": COMMIT})

        def _json(self, value: object) -> None:
            self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

        def _refuse(self, status: int, code: str, message: str) -> None:
            self._send(status, b"", {"X-Error-Code": code, "X-Error-Message": message})

        def _send(self, status: int, data: bytes, headers: Mapping[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

    return Handler


def _listing(repository: Repository, folder: str) -> list[dict[str, object]]:
    entries: dict[str, dict[str, object]] = {}
    for path, data in repository.files.items():
        inside = path.removeprefix(f"{folder}/") if folder else path
        if folder and inside == path:
            continue
        head, slash, _ = inside.partition("/")
        where = f"{folder}/{head}" if folder else head
        if slash:
            entries.setdefault(where, {"type": "directory", "path": where, "oid": COMMIT, "size": 0})
        else:
            entries[path] = {"type": "file", "path": path, "oid": _git_blob(data), "size": len(data)}
    return list(entries.values())


@contextmanager
def hub_standin(hub: Hub) -> Iterator[Hub]:
    """Serve ``hub`` on a free loopback port; ``hub.address`` is its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
