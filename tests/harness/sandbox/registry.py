"""A stand-in for a registry of images: the few requests that a pull makes, over loopback and without TLS.

The distribution specification: https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
"""

import hashlib
import io
import json
import socket
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Registry(ThreadingHTTPServer):
    """Serves what :meth:`push` made. ``pulls`` counts requests of manifests by name; ``spent`` refuses them all."""

    def __init__(self, listening: socket.socket) -> None:
        host, port = listening.getsockname()
        super().__init__((host, port), _Requests, bind_and_activate=False)
        self.socket.close()
        self.socket = listening.dup()
        self.address = f"{host}:{port}"
        self.manifests: dict[str, bytes] = {}
        self.blobs: dict[str, bytes] = {}
        self.pulls: list[str] = []
        self.spent = False

    def push(self, name: str, size: int) -> str:
        """Make an image of one file of so many bytes, and return the name to pull it by."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            entry = tarfile.TarInfo(name)
            entry.size = size
            archive.addfile(entry, io.BytesIO(hashlib.sha256(name.encode()).digest() * (size // 32)))
        layer = packed.getvalue()
        config = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Cmd": [f"/{name}"]},
                "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
            }
        ).encode()
        parts = [
            {"mediaType": kind, "digest": digest(data), "size": len(data)}
            for kind, data in ((CONFIG, config), (LAYER, layer))
        ]
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": parts[0], "layers": parts[1:]}
        self.manifests[name] = json.dumps(manifest).encode()
        self.blobs |= {digest(config): config, digest(layer): layer}
        return f"{self.address}/{name}:1"


class _Requests(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        kind, _, last = self.path.removeprefix("/v2/").rpartition("/")
        name = kind.partition("/")[0]
        if self.path == "/v2/":
            self._reply(b"{}", "application/json")
        elif self.server.spent:
            self._refuse(HTTPStatus.TOO_MANY_REQUESTS, "TOOMANYREQUESTS", "You have reached your pull rate limit")
        elif kind.endswith("/manifests") and name in self.server.manifests:
            self.server.pulls.append(name)
            self._reply(self.server.manifests[name], MANIFEST)
        elif last in self.server.blobs:
            self._reply(self.server.blobs[last], "application/octet-stream")
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "MANIFEST_UNKNOWN", "manifest unknown to this registry")

    do_HEAD = do_GET

    def log_message(self, *words: object) -> None:
        """Say nothing."""

    def _refuse(self, status: HTTPStatus, code: str, words: str) -> None:
        self._reply(json.dumps({"errors": [{"code": code, "message": words}]}).encode(), "application/json", status)

    def _reply(self, data: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Docker-Content-Digest", digest(data))
        self.send_header("Retry-After", "0")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)


@contextmanager
def registry(listening: socket.socket) -> Iterator[Registry]:
    with Registry(listening) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
