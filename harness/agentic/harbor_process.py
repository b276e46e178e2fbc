"""Harbor's process, and what is done from here about the container it made."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from harness.agentic.harbor_leftovers import PROJECT
from harness.agentic.terms import Ended, Infrastructure, Trial
from harness.sandbox import Engine, NoWayIn, Relay, relay
from harness.sandbox.netns import listen
from harness.sandbox.processes import starved
from harness.sandbox.watch import Watch

DRIVER = Path(__file__).with_name("harbor_driver.py")
LAST_WORDS = 1500
Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class HarborProcess:
    """The driver in harbor's Python, as the leader of a process group that ends with the context.

    It also ends when this process does, since its standard input ends then.

    Args:
        python: harbor's.
        job: what the driver is told.
        folder: where it works; its messages go to ``harbor.log`` there.
        environment: all it is told of ours.
        seconds: after so long it is ended.
        trial: what it is for, for messages.
    """

    def __init__(
        self,
        python: Path,
        job: Mapping[str, Any],
        folder: Path,
        environment: Mapping[str, str],
        seconds: float,
        trial: str,
    ) -> None:
        self._command = [str(python), "-P", "-W", "ignore", str(DRIVER)]
        self._job = job
        self._folder = folder
        self._environment = dict(environment)
        self._seconds = seconds
        self._trial = trial
        self._late = False

    def __enter__(self) -> Self:
        self._log: IO[bytes] = (self._folder / "harbor.log").open("wb")
        try:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                start_new_session=True,
            )
        except OSError as error:
            self._log.close()
            raise Infrastructure("scaffold", f"harbor could not be started: {error}") from error
        self._timer = threading.Timer(self._seconds, self._end)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def run(self, answers: Mapping[str, Answer]) -> Mapping[str, Any]:
        """Let it work to its end, answer what it asks by the name of the event, and return what harbor recorded.

        Raises:
            Infrastructure: it ended without a record, or was ended for its time.
        """
        known = False
        self._tell(self._job)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            event = told.pop("event")
            if event == "done":
                return dict(told)
            known = True
            self._tell(answers[event](told))
        if self._late:
            raise Infrastructure("engine", f"{self._trial}: harbor did not end within {self._seconds:.0f} s")
        words = _cause((self._folder / "harbor.log").read_text("utf-8", "replace"))
        if known:
            raise Infrastructure("scaffold", f"{self._trial}: harbor ended without a record: {words}")
        raise Infrastructure(
            "image",
            f"{self._trial}: harbor could not load its task, which it fetches unless it is among the data: {words}",
        )

    def _tell(self, what: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(what).encode() + b"\n")
            self._process.stdin.flush()

    def _end(self) -> None:
        self._late = True
        self._kill()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def _cause(log: str) -> str:
    """The end of a log; of one that ends with a traceback, the line that says what was raised."""
    lines = [line for line in log.strip().splitlines() if line.strip()]
    if any(line.startswith("Traceback ") for line in lines):
        lines = [line for line in lines if not line.startswith((" ", "Traceback "))][-1:]
    return "\n".join(lines)[-LAST_WORDS:]


class Inside:
    """The container that harbor made for the agent: watched, and given its way to the model.

    Args:
        engine: where it runs.
        name: the trial's name as harbor knows it.
        trial: ours.
        seconds: the most that it may live.
    """

    def __init__(self, engine: Engine, name: str, trial: Trial, seconds: float) -> None:
        self._engine = engine
        self._name = name
        self._trial = trial
        self._seconds = seconds
        self._stack = ExitStack()
        self._container: Any = None
        self._watch: Watch | None = None
        self._relay: Relay | None = None
        self._first = 0
        self._since = 0.0
        self.starved = False
        """Whether any program in it had been killed for lack of memory, ever, when the agent had ended."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def listen(self) -> socket.socket:
        """A socket that listens inside the container's network, as :class:`harness.sandbox.Box` has it."""
        return listen(self._first)

    def way(self) -> dict[str, str]:
        """Watch the container, open the agent's way to the model, and say what the agent is to be told of it.

        Raises:
            Infrastructure: the container is not there, its network cannot be entered, or there is no model.
        """
        if self._trial.way is None:
            raise Infrastructure("scaffold", "the trial has no way to the model")
        self._find()
        try:
            self._relay = self._stack.enter_context(relay(self, self._trial.way.host, self._trial.way.port))
        except NoWayIn as error:
            raise Infrastructure("engine", str(error)) from error
        return {
            "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{self._relay.port}/{self._trial.way.path}",
            "ANTHROPIC_API_KEY": self._trial.way.token,
        }

    @property
    def cut_off(self) -> bool:
        """Whether the way to the model was broken when it was last used."""
        return self._relay is not None and self._relay.failed

    def ended(self) -> Ended | None:
        """The limit for which the container was ended, if it was; memory, if the kernel killed its first process."""
        if self._watch is None:
            return None
        return self._watch.ended or ("memory" if starved(self._first, self._since) else None)

    def check(self) -> None:
        """Make sure, before the tests begin, that the container is as the agent left it.

        Its first process cannot be killed from inside: it ends at a limit of its own, or by something outside.

        Raises:
            Infrastructure: it is not running, and for no limit of its own.
        """
        self.starved = self._watch is not None and self._watch.out_of_memory
        if self.ended() is None and not self._found():
            raise Infrastructure("engine", f"{self._trial.name}: harbor's container was lost before the tests")

    def gone(self) -> bool:
        """Whether harbor could remove it at the end; it could not if it lost the engine."""
        try:
            return not self._found(stopped=True)
        except Infrastructure:
            return False

    def _found(self, *, stopped: bool = False) -> list[Any]:
        from docker.errors import DockerException

        wanted = [f"{PROJECT}={self._name}__env", "com.docker.compose.service=main"]
        try:
            return list(self._engine.client.containers.list(all=stopped, filters={"label": wanted}))
        except (DockerException, OSError) as error:
            raise Infrastructure("engine", f"{self._trial.name}: {error}") from error

    def _find(self) -> None:
        found = self._found()
        if len(found) != 1:
            raise Infrastructure("engine", f"{self._trial.name}: harbor's container is not there")
        self._container = found[0]
        self._first, self._since = int(self._container.attrs["State"]["Pid"]), time.monotonic()
        limits = replace(self._trial.limits, seconds=self._seconds)
        self._watch = Watch(self._engine.client.api, self._container.id, limits)
        self._watch.start()
        self._stack.callback(self._watch.stop)
