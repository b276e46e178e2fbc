"""The container engine of this machine: Docker, or podman's socket, which speaks the same API."""

import os
import platform
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import UsageError

SOCKETS = ("/var/run/docker.sock", "/run/podman/podman.sock")
PER_USER = ("docker.sock", "podman/podman.sock")
ANSWERS_WITHIN_S = 5
WORKS_WITHIN_S = 600
_ALIKE = {"x86_64": "amd64", "aarch64": "arm64"}


class EngineUnavailable(UsageError):
    """No container engine answers."""


@dataclass(frozen=True)
class Engine:
    """An engine that answers. ``architecture`` is Docker's name of it: amd64, arm64."""

    address: str
    version: str
    architecture: str
    client: Any = field(repr=False)

    @classmethod
    def connect(cls) -> "Engine":
        """The engine that ``DOCKER_HOST`` names, else the first known socket that answers.

        Raises:
            EngineUnavailable: none does; the message says what was tried and what to do.
        """
        import docker
        from docker.errors import DockerException

        tried = []
        for address in candidates():
            try:
                with closing(docker.DockerClient(base_url=address, timeout=ANSWERS_WITHIN_S)) as client:
                    version = client.version()
            except (DockerException, OSError) as error:
                tried.append(f"{address}: {_reason(error)}")
                continue
            arch = str(version.get("Arch", platform.machine()))
            client = docker.DockerClient(base_url=address, timeout=WORKS_WITHIN_S)
            return cls(address, str(version["Version"]), _ALIKE.get(arch, arch), client)
        found = "".join(f"\n  {line}" for line in tried) or " no socket is there"
        raise EngineUnavailable(
            f"No container engine answers:{found}\n"
            "Start Docker, or podman's service (`podman system service --time=0`), or name one with DOCKER_HOST."
        )

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

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


def _reason(error: Exception) -> str:
    """The innermost cause, which says more than the client's wrapping of it."""
    while (inner := error.__cause__ or error.__context__) is not None and isinstance(inner, Exception):
        error = inner
    return str(error) or type(error).__name__
