"""The container engine of this machine: Docker, or podman's socket, which speaks the same API."""

import os
import platform
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPException, HTTPResponse
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from harness.errors import HarnessError, UsageError, how_to_install

SOCKETS = ("/var/run/docker.sock", "/run/podman/podman.sock")
PER_USER = ("docker.sock", "podman/podman.sock")
ANSWERS_WITHIN_S = 5
WORKS_WITHIN_S = 600
_ALIKE = {"x86_64": "amd64", "aarch64": "arm64"}


class EngineUnavailable(UsageError):
    """No container engine answers."""


class SandboxFailed(HarnessError):
    """The engine could not do what was asked of it: nothing that the program inside could have caused."""


@dataclass(frozen=True)
class Engine:
    """An engine that answers."""

    address: str
    client: Any = field(repr=False)

    @classmethod
    def connect(cls) -> "Engine":
        """The engine that ``DOCKER_HOST`` names, else the first known socket that answers.

        Raises:
            EngineUnavailable: none does; the message says what was tried and what to do.
        """
        if find_spec("docker") is None:
            raise EngineUnavailable(f"The client of Docker's API is not installed; {how_to_install('code')}")
        import docker
        from docker.errors import DockerException

        tried = []
        for address in candidates():
            try:
                spoken = _spoken(address)
            except (DockerException, HTTPException, OSError) as error:
                tried.append(f"{address}: {_reason(error)}")
                continue
            return cls(address, docker.DockerClient(base_url=address, version=spoken, timeout=WORKS_WITHIN_S))
        found = "".join(f"\n  {line}" for line in tried) or " no socket is there"
        raise EngineUnavailable(
            f"No container engine answers:{found}\n"
            "Start Docker, or podman's service (`podman system service --time=0`), or name one with DOCKER_HOST."
        )

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    @property
    def version(self) -> str:
        """Its version."""
        return str(self._told["Version"])

    @property
    def architecture(self) -> str:
        """Docker's name of its machine's architecture: amd64, arm64."""
        arch = str(self._told.get("Arch", platform.machine()))
        return _ALIKE.get(arch, arch)

    @cached_property
    def _told(self) -> dict[str, Any]:
        """What it says of itself; podman takes seconds over it, asking the package manager about its helpers."""
        return dict(self.client.version())

    def digest(self, image: str) -> str:
        """What identifies a local image whatever its tag: its registry digest, else its id.

        Raises:
            EngineUnavailable: there is no such image here.
        """
        from docker.errors import ImageNotFound

        try:
            found = self.client.images.get(image)
        except ImageNotFound:
            raise EngineUnavailable(f"there is no image {image} on this machine; pull or build it first") from None
        digests = found.attrs.get("RepoDigests") or [found.id]
        return str(digests[0])


@contextmanager
def failing(what: str) -> Iterator[None]:
    """Say of what was being done when the engine failed.

    Raises:
        SandboxFailed: it failed.
    """
    from docker.errors import DockerException

    try:
        yield
    except (DockerException, OSError) as error:
        raise SandboxFailed(f"{what}: {error}") from error


def candidates() -> Iterator[str]:
    """Addresses to try, in order."""
    named = os.environ.get("DOCKER_HOST")
    if named:
        yield named
        return
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    paths = [Path(runtime, name) for name in PER_USER] if runtime else []
    for path in [*map(Path, SOCKETS), *paths]:
        if path.exists():
            yield f"unix://{path}"


def _spoken(address: str) -> str:
    """The version of the API spoken there, told by ``/_ping`` where that is a socket of this machine.

    Raises:
        DockerException, HTTPException, OSError: nothing answers.
    """
    if address.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(ANSWERS_WITHIN_S)
            probe.connect(address.removeprefix("unix://"))
            probe.sendall(b"GET /_ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            with closing(HTTPResponse(probe)) as answer:
                answer.begin()
                if version := answer.getheader("Api-Version"):
                    return version
    import docker

    with closing(docker.DockerClient(base_url=address, timeout=ANSWERS_WITHIN_S)) as client:
        return str(client.api.api_version)


def _reason(error: Exception) -> str:
    """The innermost cause, which says more than the client's wrapping of it."""
    while (inner := error.__cause__ or error.__context__) is not None and isinstance(inner, Exception):
        error = inner
    return str(error) or type(error).__name__
