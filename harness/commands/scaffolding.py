"""``scaffold``: the agents' own programs, installed into environments of their own."""

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Protocol

from harness.commands.common import say
from harness.errors import UsageError

PROGRAMS = {
    "claude-code": "harness.agentic.scaffolds.claude_code:SCAFFOLD",
    "mini-swe-agent": "harness.agentic.scaffolds.mini_swe_agent:SCAFFOLD",
    "harbor": "harness.agentic.harbor:HARBOR",
}
"""What can be installed, and where its object is: :class:`Installable`."""


class Installable(Protocol):
    """A program with an environment of its own."""

    name: str
    version: str

    def ready(self) -> None:
        """Return if it is installed in the pinned version; raise UsageError that says how to install it if not."""

    def install(self, say: Callable[[str], None]) -> None:
        """Install it; raise UsageError with the installer's words if that fails."""


def program(name: str) -> Installable:
    """The program called ``name``.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    if name not in PROGRAMS:
        raise UsageError(f"no program is called {name!r}; there are: {', '.join(PROGRAMS)} (or all)")
    module, _, attribute = PROGRAMS[name].partition(":")
    found: Installable = getattr(import_module(module), attribute)
    return found


def listing(_: Namespace) -> int:
    """Print each program with its pinned version and whether it is here."""
    for name in PROGRAMS:
        found = program(name)
        print(f"{name:<16} {found.version:<10} {'installed' if _lack(found) is None else 'not installed'}")
    return 0


def install(arguments: Namespace) -> int:
    """Install programs; what is here already in the pinned version is left as it is."""
    for found in [program(name) for name in _chosen(arguments.names)]:
        found.install(say)
    return 0


def check(arguments: Namespace) -> int:
    """Say of each program what it lacks; 2 if one lacks anything."""
    lacks = [lack for name in _chosen(arguments.names or ["all"]) if (lack := _lack(program(name))) is not None]
    for lack in lacks:
        print(f"longcat-repro: {lack}", file=sys.stderr)
    return 2 if lacks else 0


def _chosen(names: Sequence[str]) -> list[str]:
    """The names without repetition, ``all`` spelled out."""
    return list(dict.fromkeys(each for name in names for each in (PROGRAMS if name == "all" else (name,))))


def _lack(found: Installable) -> str | None:
    try:
        found.ready()
    except UsageError as error:
        return str(error)
    return None
