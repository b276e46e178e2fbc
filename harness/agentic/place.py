"""A container for one part of a trial, with whose fault it is if it fails."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Literal

from harness.agentic.terms import Ended, Infrastructure, Trial
from harness.sandbox import (
    Box,
    Engine,
    EngineUnavailable,
    ImageUnavailable,
    Mount,
    SandboxFailed,
    ensure,
    evict,
    owner_of_this_process,
)

_BENT = re.compile(r"unable to find (?:user|group)|/etc/(?:passwd|group)\b|too many levels of symbolic links")
"""What an engine says that looks a command's user up in the container's own files, where these are unreadable."""


@dataclass(frozen=True)
class Place:
    """A running container of a trial and the digest of its image."""

    box: Box
    digest: str

    def blame(self, fault: SandboxFailed) -> Ended:
        """As :func:`blame`."""
        return blame(self.box, fault)


def blame(box: Box, fault: SandboxFailed) -> Ended:
    """How what ran in a container ended it or made it unusable, if it did.

    Raises:
        Infrastructure: it was not what ran there.
    """
    try:
        ran = box.run(["sh", "-c", "exit 0"])
    except SandboxFailed as again:
        if _BENT.search(str(again)):
            return "crashed"
        raise Infrastructure("engine", str(fault)) from fault
    if ran.code == 0:
        raise Infrastructure("engine", str(fault)) from fault
    return ran.ended or "crashed"


@contextmanager
def place(
    image: str,
    trial: Trial,
    seconds: float,
    *,
    network: Literal["none", "open"] = "none",
    mounts: Sequence[Mount] = (),
    last: bool = False,
) -> Iterator[Place]:
    """A fresh container of ``image`` under the trial's limits that lives ``seconds``, gone afterwards.

    ``last`` says that the trial needs the image no more: if images take more disk than they may, some are removed.

    Raises:
        Infrastructure: the image cannot be had, or the engine fails to start it.
    """
    with ExitStack() as stack:
        try:
            engine = stack.enter_context(Engine.connect())
            digest = ensure(engine, image, most_gib=trial.images_gib)
            if last:
                stack.callback(_evict, engine, trial)
            limits = replace(trial.limits, seconds=seconds)
            box = Box(engine, owner_of_this_process(), image, limits, trial=trial.name, network=network, mounts=mounts)
            stack.enter_context(box)
        except ImageUnavailable as error:
            raise Infrastructure("image", str(error)) from error
        except (EngineUnavailable, SandboxFailed) as error:
            raise Infrastructure("engine", str(error)) from error
        yield Place(box, digest)


def _evict(engine: Engine, trial: Trial) -> None:
    """What cannot be removed now is removed after another trial; this one is not the worse for it."""
    with suppress(SandboxFailed):
        evict(engine, trial.images_gib)
