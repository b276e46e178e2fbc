"""One container: made, worked in, and removed, whatever happened in it."""

import math
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import NOT_FOUND
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self

from harness.sandbox.command import MOST_OUTPUT, Command, Ended, Ran
from harness.sandbox.engine import Engine, SandboxFailed, failing
from harness.sandbox.first_process import first_process
from harness.sandbox.limits import Limits
from harness.sandbox.netns import listen
from harness.sandbox.owner import Owner
from harness.sandbox.packed import pack, unpack
from harness.sandbox.watch import Watch

__all__ = ["Box", "Mount", "Network", "SandboxFailed"]

Network = Literal["none", "open"]
CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID")
"""What building and testing software as root needs; all other capabilities are dropped."""
HOSTNAME = "box"
"""The same in every container, so that an agent's requests do not differ by it."""
_PIECE = 64 * 1024
_FIRST_UNUSUAL = 125


class Mount(NamedTuple):
    """A file or folder of this machine inside the container."""

    source: Path
    target: str
    writable: bool = False


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
        self._watch: Watch | None = None

    def __enter__(self) -> Self:
        try:
            with failing(f"{self._trial}: the container could not be started"):
                self._start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watch is not None:
            self._watch.stop()
        self._remove()

    def run(
        self,
        command: Sequence[str],
        *,
        folder: str | None = None,
        environment: Mapping[str, str] | None = None,
        user: str = "",
        seconds: float | None = None,
    ) -> Ran:
        """Run a command to its end, or to the container's, or for ``seconds``.

        After that time its processes are killed and the container goes on; only where they cannot be (the engine is
        not on this machine, or these are another user's processes) the container is ended too.

        Raises:
            SandboxFailed: the engine failed, and not for anything that the program inside could have caused.
        """
        from docker.errors import DockerException

        watch, start, code = self._running, time.monotonic(), None
        if not watch.usable():
            return Ran(None, b"", 0.0, ended=watch.ended)
        running = Command(self._engine.client.api, self.id, lambda: watch.end("time"))
        try:
            code = running.run(command, folder, environment, user, seconds)
        except (DockerException, OSError) as error:
            watch.look_why()
            if watch.ended is None:
                raise SandboxFailed(f"{self._trial}: {' '.join(command)[:80]}: {error}") from error
        if code is None or code >= _FIRST_UNUSUAL:
            watch.look_why()
        took = time.monotonic() - start
        return Ran(None if watch.ended else code, running.output, took, running.cut, watch.ended, running.timed_out)

    @property
    def id(self) -> str:
        """The container's id."""
        return str(self._container.id)

    @property
    def ended(self) -> Ended | None:
        """Why the container ended, if it did."""
        return self._watch.ended if self._watch is not None else None

    @property
    def out_of_memory(self) -> bool:
        """Whether a program in it was killed for lack of memory, ever."""
        return self._watch is not None and self._watch.out_of_memory

    @property
    def pid1(self) -> int:
        """The number of its first process on the engine's machine.

        Raises:
            SandboxFailed: the engine failed, or the container has ended.
        """
        pid = int(self._running.state().get("Pid") or 0)
        if pid == 0:
            raise SandboxFailed(f"{self._trial}: the container does not run")
        return pid

    def listen(self) -> socket.socket:
        """A socket that listens on a free port of 127.0.0.1 inside the container; what holds it serves the container.

        Raises:
            NoWayIn: the engine's processes cannot be seen from here, or not be entered.
            SandboxFailed: the engine failed, or the container has ended.
        """
        return listen(self.pid1)

    def put(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Write a file; its folder must be there. What stood in its place is replaced, a link too.

        Raises:
            SandboxFailed: it could not be written.
        """
        place = PurePosixPath(path)
        if not self._running.usable():
            raise SandboxFailed(f"{self._trial}: {path} could not be written: the container has ended")
        with failing(f"{self._trial}: {path} could not be written"):
            self._container.put_archive(str(place.parent), pack(place.name, data, mode))

    def get(self, path: str, most: int = MOST_OUTPUT) -> bytes | None:
        """The bytes of a regular file, at most ``most``; None if there is none, or the container has ended.

        Raises:
            SandboxFailed: the engine failed.
        """
        from docker.errors import APIError

        if not self._running.usable():
            return None
        api = self._engine.client.api
        with failing(f"{self._trial}: {path} could not be read"):
            # The client's own method leaves no way to close the connection before the end of a file of any size.
            reply = api._get(api._url("/containers/{0}/archive", self.id), params={"path": path}, stream=True)
            with closing(reply):
                try:
                    api._raise_for_status(reply)
                except APIError:
                    # Links in a circle, for one, are no failure of the engine's, though it says so.
                    if reply.status_code != NOT_FOUND and self.run(["test", "-f", path]).code == 0:
                        raise
                    if not self._running.state():
                        raise
                    return None
                return unpack(reply.iter_content(_PIECE), most)

    @property
    def _running(self) -> Watch:
        if self._watch is None:
            raise RuntimeError("the box is used before it is entered")
        return self._watch

    def _start(self) -> None:
        client, labels = self._engine.client, self._owner.labels(self._trial)
        first = first_process(math.ceil(self._limits.seconds))
        self._owner.remove_left(client)
        self._in_time()
        self._container = client.containers.create(
            self._image,
            first[1:],
            # An empty entry point would leave the image's own.
            entrypoint=first[:1],
            detach=True,
            hostname=HOSTNAME,
            labels=labels,
            environment=self._environment,
            use_config_proxy=self._kind == "open",
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
        self._in_time()
        self._container.start()
        self._watch = Watch(client.api, self.id, self._limits)
        self._watch.start()

    def _in_time(self) -> None:
        """Raise SandboxFailed if the process makes no more containers: nobody would remove this one."""
        if self._owner.retired:
            raise SandboxFailed(f"{self._trial}: the run is over")

    def _remove(self) -> None:
        """Remove the container; what cannot be removed now is removed later, by its owner or by a sweep."""
        from docker.errors import DockerException, NotFound

        if self._container is not None:
            try:
                self._container.remove(force=True, v=True)
            except NotFound:
                return
            except (DockerException, OSError):
                self._owner.leave(self.id)
