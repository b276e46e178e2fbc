"""What a trial's worker, its task and its scaffold tell each other: plain values, which travel to other machines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from harness.contract import Arm, Item, TrialArm
from harness.errors import HarnessError
from harness.sandbox import Limits

Cause = Literal["image", "engine", "scaffold", "endpoint", "worker"]
"""Why a trial could not be made or graded, outside of the agent's reach: the image could not be had, the container
engine failed, the scaffold could not be started, the endpoint failed after all retries, the worker was lost."""

Ended = Literal["done", "turns", "time", "memory", "disk", "crashed"]
"""How the agent's part ended: by itself, at its turn limit, out of time, out of memory, out of disk, or by a crash of
its own program or container. All of them are the agent's own doing."""

MOST_WORDS = 200
"""How long the reason of a grade may be."""


def printable(text: str) -> str:
    """The text in one line, without what would steer a terminal."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


class Infrastructure(HarnessError):
    """A trial could not be made or graded, and not for anything the agent could have done.

    ``cause`` is a word for counting, ``detail`` a sentence. It travels between processes.
    """

    def __init__(self, cause: Cause, detail: str) -> None:
        detail = "\n".join(map(printable, detail.splitlines()))
        super().__init__(cause, detail)
        self.cause: Cause = cause
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.cause}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Way:
    """The trial's way to the model: the gateway as the worker's machine reaches it, and the trial's path and token.

    The OpenAI dialect is at ``http://host:port/path/v1/chat/completions``, Anthropic's at ``.../v1/messages``.
    ``model`` is the name to give there.
    """

    host: str
    port: int
    path: str
    token: str = field(repr=False)
    model: str

    @property
    def url(self) -> str:
        """The base address, without ``/v1``, for a program on the worker's machine."""
        return f"http://{self.host}:{self.port}/{self.path}"


@dataclass(frozen=True, slots=True)
class Trial:
    """What a worker is given besides the item.

    ``name`` is the slot in words, for labels and messages. ``way`` None: no model may be asked (grading, gold patches).
    ``agent_s`` and ``grading_s`` are seconds; ``limits.seconds`` is the life of one container and set by the worker.
    ``images_gib`` is the disk that pulled images may take before the least recently used are removed.
    """

    name: str
    arm: TrialArm
    limits: Limits
    agent_s: float
    grading_s: float
    images_gib: float
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class Attempted:
    """What an agent left behind.

    ``prepared`` is for the record: image and its digest, scaffold, version, settings, limits. ``patch`` None: nothing
    could be taken from the container; b"": the agent changed or handed in nothing. ``log`` is the scaffold's own record
    of what happened. ``state`` is what else a task needs to grade: plain JSON.
    """

    prepared: Mapping[str, Any]
    ended: Ended
    detail: str
    seconds: float
    patch: bytes | None
    log: bytes
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Graded:
    """What the benchmark's own tests say.

    ``how`` says in a few words of ours why: "all tests passed", "tests failed", "empty patch", "the patch does not
    apply", ...: one line of at most 200 characters, whatever it is made from. ``tests`` maps each test that must pass
    to its status, "PASSED" if it did; ``log`` is what the tests printed.
    """

    resolved: bool
    how: str
    tests: Mapping[str, str]
    log: bytes
    seconds: float
    image: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "how", printable(self.how)[:MOST_WORDS])


class AgenticTask(Protocol):
    """What a task must do besides, if an agent tries its items. Both run on a worker, in a process that is not ours."""

    def attempt(self, item: Item, repeat: int, arm: Arm, trial: Trial) -> Attempted:
        """Prepare a container, let the agent work, and take what it left.

        Where the arm's scaffold is ``gold`` what is left is the benchmark's own solution.

        Raises:
            Infrastructure: for a cause outside of the agent's reach, and for nothing else.
        """

    def grade(self, item: Item, arm: Arm, attempted: Attempted, trial: Trial) -> Graded:
        """Judge what was left by the benchmark's own tests, in a fresh container.

        Raises:
            Infrastructure: as above.
        """

    def ready(self, items: Sequence[Item]) -> None:
        """Make sure, before any trial is begun, that these items can be tried and graded on this machine.

        Raises:
            UsageError: a package or data is missing; the message says what to do.
        """
