"""Start the local model's server, wait until it answers, and stop it, whatever happens."""

import json
import os
import secrets
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

from harness.endpoint.local.model import Model, model_in_use
from harness.errors import HarnessError

SLOTS = 4
CONTEXT_TOKENS = 4096
READY_S = 120.0
_STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A running server: ``base_url``, ``api_key`` and ``model`` are all that a client needs."""

    base_url: str
    """``http://127.0.0.1:PORT/v1``."""
    api_key: str = field(repr=False)
    """Made for this server; in no file and on no command line."""
    model: str
    """The model id that it reports."""
    sha256: str
    """SHA-256 of the model file."""
    pid: int
    """Process id of the server."""

    @classmethod
    @contextmanager
    def start(
        cls,
        model: Model | None = None,
        *,
        slots: int = SLOTS,
        context: int = CONTEXT_TOKENS,
        threads: int | None = None,
        ready_s: float = READY_S,
    ) -> Iterator[Self]:
        """Run a server for the length of a ``with`` block; it also stops when this process is killed.

        Args:
            model: what to serve; None serves the model in use.
            slots: replies written at the same time.
            context: tokens of prompt and reply together, for each slot.
            threads: of the engine; None takes :func:`default_threads`.
            ready_s: seconds after which loading is given up.

        Raises:
            UsageError: engine or model is missing; says what to run.
            HarnessError: the server did not come up; quotes its last words.
        """
        model = model or model_in_use()
        key = secrets.token_hex(16)
        settings = {
            "model": model.path,
            "name": model.name,
            "key": key,
            "slots": slots,
            "context": context,
            "threads": threads or default_threads(),
            "parent": os.getpid(),
        }
        with tempfile.TemporaryFile() as errors:  # an unread pipe would fill up and block the server
            process = subprocess.Popen(
                [sys.executable, "-P", str(Path(__file__).with_name("server.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,
                start_new_session=True,  # Ctrl-C is for the harness, which finishes what is in flight
            )
            try:
                port = _await_port(process, errors, settings, ready_s)
                yield cls(f"http://127.0.0.1:{port}/v1", key, model.name, model.sha256, process.pid)
            finally:
                _stop(process)


def default_threads() -> int:
    """Threads for the engine: all cores that this process may use but one.

    The engine's threads wait for one another in a spin: where they must share a core with the harness, two threads were
    seen to write 1 to 18 tokens a second on two cores, and one thread 27 to 60.
    """
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, cores - 1)


def _await_port(process: "subprocess.Popen[bytes]", errors: IO[bytes], settings: dict[str, Any], ready_s: float) -> int:
    assert process.stdin is not None
    assert process.stdout is not None
    deadline = time.monotonic() + ready_s
    try:
        process.stdin.write(json.dumps(settings).encode() + b"\n")
    except BrokenPipeError:
        raise HarnessError(_died(process, errors)) from None
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise HarnessError(f"the local model {settings['model']} did not load within {ready_s:g} s")
        piece = os.read(process.stdout.fileno(), 4096)
        if not piece:
            raise HarnessError(_died(process, errors))
        line += piece
    return int(json.loads(line)["port"])


def _died(process: "subprocess.Popen[bytes]", errors: IO[bytes]) -> str:
    code = process.wait()
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()[-8:]
    return f"the local model's server ended with code {code}" + (":\n" + "\n".join(lines) if lines else "")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
