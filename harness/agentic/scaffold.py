"""The seam between trials and agents: what every scaffold is, one file each under ``scaffolds/``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from harness.agentic.terms import Ended, Trial
from harness.contract import TrialArm
from harness.endpoint.gateway.route import Rewrite
from harness.errors import UsageError
from harness.sandbox import Box, Mount

NAMES = {"claude-code": "claude_code", "mini-swe-agent": "mini_swe_agent", "single-turn": "single_turn"}
"""Scaffolds and the modules that hold them."""
GOLD = "gold"
"""What a card names instead of a scaffold where the benchmark's own solution is graded and no model is asked."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How an agent ended: ``detail`` in its own words, ``log`` its own record of what happened.

    ``patch`` is what the agent handed in itself, b"" if it could have and did not; None: what it left in the
    repository counts.
    """

    ended: Ended
    detail: str
    seconds: float
    log: bytes
    patch: bytes | None = None


class Scaffold(Protocol):
    """An agent: a program of its own that talks to the gateway and works in a box."""

    name: str
    version: str
    """The pinned version."""
    rewrites: Sequence[Rewrite]
    """What differs from day to day or machine to machine in its requests, and what stands in its place."""

    def settings(self, arm: TrialArm) -> Mapping[str, Any]:
        """Everything it is configured with, for the manifest: plain JSON, no secret."""

    def ready(self) -> None:
        """Return if it is installed on this machine in the pinned version.

        Raises:
            UsageError: it is not; the message says how to install it.
        """

    def install(self, say: Callable[[str], None]) -> None:
        """Install it into the user's cache folder, in an environment of its own."""

    def mounts(self) -> Sequence[Mount]:
        """What of this machine its box needs, read-only."""

    def run(self, box: Box, instruction: str, folder: str, trial: Trial) -> Finished:
        """Work on the instruction in ``folder`` of the box until done, out of turns, or ``trial.agent_s`` have gone by.

        Raises:
            Infrastructure: it could not be started.
        """


def scaffold(name: str) -> Scaffold:
    """The scaffold called ``name``.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    if name not in NAMES:
        raise UsageError(f"no scaffold is called {name!r}; there are: {', '.join(NAMES)}")
    found: Scaffold = import_module(f"harness.agentic.scaffolds.{NAMES[name]}").SCAFFOLD
    return found
