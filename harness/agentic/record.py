"""A trial's lines in the journal, and its logs beside it: each is on the disk before it is used.

Lines of kind ``trial`` have the trial's slot with role ``prepare``, ``agent``, ``patch`` or ``grade``, and the number
of the attempt as turn; the line of kind ``outcome`` has the slot itself. An attempt that failed for a cause outside of
the agent's reach leaves an ``outcome`` line of status ``error``, and the trial is tried again when the run goes on.
"""

import asyncio
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from harness.agentic.terms import Attempted, Graded, Infrastructure
from harness.canonical import sha256_hex
from harness.contract import Outcome, Slot, Usage
from harness.journal import Journal

TRIAL = "trial"
OUTCOME = "outcome"
TRAJECTORIES = "trajectories"


@dataclass(frozen=True, slots=True)
class Spent:
    """What the agent's part of a trial took: turns, tokens, USD (None: no price is known); whether it hit its cap.

    ``cut`` is how many of its replies were cut by an output limit below the one that counts. ``provider`` and
    ``served_model`` are those of its replies, separated by commas where there were several.
    """

    turns: int
    usage: Usage
    cost_usd: float | None
    capped: bool
    cut: int = 0
    provider: str | None = None
    served_model: str | None = None


class Record:
    """The lines of one trial.

    Args:
        journal: the run's journal.
        directory: the run's directory, where logs go to ``trajectories/``, named by their SHA-256.
        slot: the trial's.
    """

    def __init__(self, journal: Journal, directory: Path, slot: Slot) -> None:
        self._journal = journal
        self._folder = directory / TRAJECTORIES
        self._slot = slot
        self.number = 1
        while self._find("prepare") is not None:
            self.number += 1

    @property
    def outcome(self) -> Outcome | None:
        """The trial's first gradable outcome, if it has one: it stays."""
        entry = self._journal.find(self._slot, OUTCOME)
        body = self._journal.body(entry) if entry is not None and entry.status == "ok" else None
        return Outcome.from_json(body["outcome"]) if body is not None else None

    async def finish(self) -> Outcome | None:
        """The outcome of an attempt that was graded, and whose outcome's line a kill prevented: it is written now."""
        grade = self._find("grade", self.number - 1)
        if grade is None:
            return None
        await self._append(OUTCOME, self._slot, "ok", {"outcome": grade["outcome"]})
        return Outcome.from_json(grade["outcome"])

    def ungraded(self) -> tuple[Attempted, Spent] | None:
        """What the last attempt left, if its agent ended and nobody graded it."""
        last = self.number - 1
        lines = {role: self._find(role, last) for role in ("prepare", "agent", "patch")}
        if last == 0 or self._find("grade", last) is not None or None in lines.values():
            return None
        prepare, agent, patch = (dict(line or {}) for line in lines.values())
        spent = agent["spent"]
        left = Attempted(
            prepared=prepare,
            ended=agent["ended"],
            detail=agent["detail"],
            seconds=agent["seconds"],
            patch=_bytes(patch["patch"]),
            log=b"",
            state=agent["state"],
        )
        return left, Spent(**{**spent, "usage": Usage(**spent["usage"])})

    async def attempted(self, left: Attempted, spent: Spent, remarks: Mapping[str, Any]) -> None:
        """Record what an attempt left."""
        log = await asyncio.to_thread(self._keep, left.log)
        await self._line("prepare", dict(left.prepared))
        agent = {"ended": left.ended, "detail": left.detail, "seconds": round(left.seconds, 3), "log": log}
        await self._line("agent", agent | {"state": dict(left.state), "spent": asdict(spent)} | dict(remarks))
        await self._line("patch", {"patch": _text(left.patch)})
        self.number += 1

    async def graded(self, found: Graded, outcome: Outcome) -> None:
        """Record what the tests said of the last attempt, and the trial's outcome."""
        log = await asyncio.to_thread(self._keep, found.log)
        failed = {name: status for name, status in found.tests.items() if name in outcome.failed_tests}
        body = {"outcome": outcome.to_json(), "image": found.image, "log": log, "failed": failed}
        await self._line("grade", body | {"tests": len(found.tests), "seconds": round(found.seconds, 3)}, last=True)
        await self._append(OUTCOME, self._slot, "ok", {"outcome": outcome.to_json()})

    async def failed(self, fault: Infrastructure) -> None:
        """Record that the trial could not be made or graded."""
        body = {"fault": f"infrastructure: {fault.cause}", "detail": fault.detail[:2000], "attempts": []}
        await self._append(OUTCOME, self._slot, "error", {"fault": body})

    def _find(self, role: str, number: int | None = None) -> dict[str, Any] | None:
        entry = self._journal.find(self._place(role, number or self.number), TRIAL)
        return self._journal.body(entry) if entry is not None else None

    def _place(self, role: str, number: int) -> Slot:
        return replace(self._slot, role=role, turn=str(number))

    async def _line(self, role: str, body: Mapping[str, Any], *, last: bool = False) -> None:
        await self._append(TRIAL, self._place(role, self.number - last), "ok", body)

    async def _append(self, kind: str, slot: Slot, status: str, body: Mapping[str, Any]) -> None:
        await asyncio.shield(asyncio.wrap_future(self._journal.append(kind, slot, None, status, body)))

    def _keep(self, log: bytes) -> dict[str, Any] | None:
        """Put a log on the disk under its hash; None if there is none."""
        if not log:
            return None
        name = sha256_hex(log)
        path = self._folder / name
        if not path.exists():
            self._folder.mkdir(exist_ok=True)
            temporary = path.with_suffix(f".{os.getpid()}")
            with temporary.open("wb") as file:
                file.write(log)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        return {"sha256": name, "bytes": len(log)}


def _text(patch: bytes | None) -> dict[str, str] | None:
    """A patch as JSON holds it: as text, or in base 64 where it is no UTF-8."""
    if patch is None:
        return None
    with suppress(UnicodeDecodeError):
        return {"text": patch.decode("utf-8")}
    return {"base64": b64encode(patch).decode("ascii")}


def _bytes(patch: Mapping[str, str] | None) -> bytes | None:
    if patch is None:
        return None
    return patch["text"].encode("utf-8") if "text" in patch else b64decode(patch["base64"])
