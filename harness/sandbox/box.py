"""One container: made, worked in, and removed, whatever happened in it."""

import io
import socket
import tarfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self

from harness.errors import HarnessError
from harness.sandbox.engine import Engine
from harness.sandbox.limits import Limits
from harness.sandbox.netns import listen
from harness.sandbox.owner import Owner

Network = Literal["none", "open"]
Ended = Literal["time", "disk"]
CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID")
"""What building and testing software as root needs; all other capabilities are dropped."""
MOST_OUTPUT = 64 * 1024**2
LOOKS_EVERY_S = 2.0


class SandboxFailed(HarnessError):
    """The engine could not do what was asked of it: nothing that the program inside could have caused."""


class Mount(NamedTuple):
    """A file or folder of this machine inside the container."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended.

    ``output`` holds what it wrote to both streams, up to 64 MiB; ``cut`` says that there was more. ``ended`` names the
    limit for which the container was ended meanwhile; ``code`` is then None.
    """

    code: int | None
    output: bytes
    seconds: float
    cut: bool = False
    ended: Ended | None = None

    @property
    def text(self) -> str:
        """The output as text, what is no UTF-8 replaced."""
        return self.output.decode("utf-8", "replace")


class Box:
    """A running container. Use as a context manager: afterwards it is gone.

    Args:
        engine: where it runs.
        owner: whose it is.
        image: a local image.
        limits: what it may use.
        trial: what it is for, as its label says.
        network: ``none``, its own loopback, on which :meth:`listen` can serve it; or ``open``, the engine's default.
        mounts: files and folders of this machine.
        environment: variables of every command.
    """

    def __init__(
        self,
        engine: Engine,
        owner: Owner,
        image: str,
        limits: Limits,
        *,
        trial: str,
        network: Network = "none",
        mounts: Sequence[Mount] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._engine = engine
        self._owner = owner
        self._image = image
        self._limits = limits
        self._trial = trial
        self._kind = network
        self._mounts = mounts
        self._environment = dict(environment or {})
        self._container: Any = None
        self._watch = threading.Event()
        self._watcher: threading.Thread | None = None
        self.ended: Ended | None = None
        """The limit for which the container was ended, if it was."""

    def __enter__(self) -> Self:
        from docker.errors import DockerException

        try:
            self._start()
        except (DockerException, OSError) as error:
            self._remove()
            raise SandboxFailed(f"{self._trial}: the container could not be started: {error}") from error
        self._watcher = threading.Thread(target=self._keep_watch, daemon=True)
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.set()
        if self._watcher is not None:
            self._watcher.join()
        self._remove()

    def run(
        self,
        command: Sequence[str],
        *,
        folder: str | None = None,
        environment: Mapping[str, str] | None = None,
        user: str = "",
    ) -> Ran:
        """Run a command to its end, or to the container's.

        Raises:
            SandboxFailed: the engine failed, and not for a limit of this container.
        """
        from docker.errors import DockerException
        from docker.utils.socket import SocketError, frames_iter

        api, start = self._engine.client.api, time.monotonic()
        output, size = [], 0
        try:
            made = api.exec_create(
                self._container.id, list(command), workdir=folder, environment=dict(environment or {}), user=user
            )
            stream = api.exec_start(made["Id"], socket=True)
            # The client keeps the response here, and closes it nowhere itself.
            with closing(stream._response):
                for _, piece in frames_iter(stream, tty=False):
                    size += len(piece)
                    if size <= MOST_OUTPUT:
                        output.append(piece)
            code = api.exec_inspect(made["Id"])["ExitCode"]
        except (DockerException, SocketError, OSError) as error:
            if self.ended is None:
                raise SandboxFailed(f"{self._trial}: {' '.join(command)[:80]}: {error}") from error
            code = None
        seconds = time.monotonic() - start
        return Ran(None if self.ended else code, b"".join(output), seconds, size > MOST_OUTPUT, self.ended)

    def listen(self) -> socket.socket:
        """A socket that listens on a free port of 127.0.0.1 inside the container; what holds it serves the container.

        Raises:
            NoWayIn: the engine's processes cannot be seen from here, or not be entered.
        """
        self._container.reload()
        return listen(int(self._container.attrs["State"]["Pid"]))

    def put(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Write a file; its folder must be there.

        Raises:
            SandboxFailed: it could not be written.
        """
        place = PurePosixPath(path)
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            entry = tarfile.TarInfo(place.name)
            entry.size, entry.mode = len(data), mode
            archive.addfile(entry, io.BytesIO(data))
        from docker.errors import DockerException

        try:
            self._container.put_archive(str(place.parent), packed.getvalue())
        except (DockerException, OSError) as error:
            raise SandboxFailed(f"{self._trial}: {path} could not be written: {error}") from error

    def get(self, path: str, most: int = MOST_OUTPUT) -> bytes | None:
        """The bytes of a regular file, at most ``most`` of them; None if there is no such file.

        Raises:
            SandboxFailed: the engine failed.
        """
        from docker.errors import DockerException, NotFound

        try:
            pieces, _ = self._container.get_archive(path)
            packed = io.BytesIO(b"".join(_first(pieces, most + 64 * 1024)))
        except NotFound:
            return None
        except (DockerException, OSError) as error:
            raise SandboxFailed(f"{self._trial}: {path} could not be read: {error}") from error
        with tarfile.open(fileobj=packed, mode="r|") as archive:
            entry = archive.next()
            file = archive.extractfile(entry) if entry is not None and entry.isreg() else None
            return file.read(most) if file is not None else None

    def _start(self) -> None:
        client, labels = self._engine.client, self._owner.labels(self._trial)
        self._container = client.containers.create(
            self._image,
            ["sleep", "infinity"],
            entrypoint=[],
            detach=True,
            labels=labels,
            environment=self._environment,
            nano_cpus=self._limits.nano_cpus,
            mem_limit=self._limits.memory_bytes,
            memswap_limit=self._limits.memory_bytes,
            pids_limit=self._limits.pids,
            cap_drop=["ALL"],
            cap_add=list(CAPABILITIES),
            security_opt=["no-new-privileges"],
            volumes=[f"{m.source}:{m.target}:{'rw' if m.writable else 'ro'}" for m in self._mounts],
            **({"network_mode": "none"} if self._kind == "none" else {}),
        )
        self._container.start()

    def _keep_watch(self) -> None:
        """End the container when its time is over or it has written too much."""
        end = time.monotonic() + self._limits.seconds
        while not self._watch.wait(min(LOOKS_EVERY_S, max(0.0, end - time.monotonic()))):
            if time.monotonic() >= end:
                return self._end("time")
            if self._written() > self._limits.disk_bytes:
                return self._end("disk")

    def _written(self) -> int:
        from docker.errors import DockerException

        with suppress(DockerException, OSError):
            found = self._engine.client.api.containers(all=True, size=True, filters={"id": self._container.id})
            return int(found[0].get("SizeRw") or 0) if found else 0
        return 0

    def _end(self, why: Ended) -> None:
        from docker.errors import DockerException

        self.ended = why
        with suppress(DockerException, OSError):
            self._container.kill()

    def _remove(self) -> None:
        """Remove the container; if it cannot be removed now it is left to :func:`harness.sandbox.sweep`."""
        from docker.errors import DockerException

        if self._container is not None:
            with suppress(DockerException, OSError):
                self._container.remove(force=True, v=True)


def _first(pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    """Pieces up to ``most`` bytes and the one that goes beyond."""
    size = 0
    for piece in pieces:
        yield piece
        size += len(piece)
        if size > most:
            return
