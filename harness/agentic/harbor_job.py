"""What harbor is told to do for one of our trials, from our card."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.agentic.scaffold import scaffold
from harness.agentic.scaffolds import claude_code_settings
from harness.agentic.terms import Infrastructure, Trial
from harness.sandbox import Engine, Owner

ORACLE, CLAUDE_CODE = "oracle", "claude-code"
PATIENCE = 6.0
"""Harbor's factor on a task's own limit for building or pulling its image, 600 s mostly."""
TARGET = "/usr/local/bin/claude"
_HARBORS_OWN = ("CLAUDE_CONFIG_DIR", "CLAUDE_CODE_TMPDIR")
PINGS_WITHIN_S = 10


@dataclass(frozen=True, slots=True)
class HarborItem:
    """A task of harbor's: ``folder`` on this machine, else ``name`` in ``dataset`` (``NAME`` or ``NAME@VERSION``)."""

    name: str
    dataset: str
    folder: Path | None = None


def engine_kind(engine: Engine) -> str:
    """The name by which harbor knows the engine: docker or podman.

    Raises:
        Infrastructure: it does not answer.
    """
    api = engine.client.api
    try:
        server = api.get(f"{api.base_url}/_ping", timeout=PINGS_WITHIN_S).headers.get("Server", "")
    except OSError as error:
        raise Infrastructure("engine", str(error)) from error
    return "podman" if server.startswith("Libpod") else "docker"


def job_of(
    item: HarborItem, trial: Trial, engine: Engine, owner: Owner, folder: Path, *, oracle: bool
) -> dict[str, Any]:
    """What the driver is told. The folder's name becomes the compose project's, by which leftovers are found.

    Args:
        item: the task.
        trial: ours.
        engine: where it runs.
        owner: whose it is.
        folder: of this trial's own; files that the container needs are written there.
        oracle: the task's own solution is run, and no agent.

    Raises:
        Infrastructure: an agent is to work and has no way to the model.
    """
    memory_mb = math.ceil(1024 * trial.limits.memory_gib)
    compose = folder / "limits.json"
    service = {
        "labels": owner.labels(trial.name),
        "pids_limit": trial.limits.pids,
        "memswap_limit": f"{memory_mb}m",
        "stop_grace_period": "1s",
        **({"network_mode": "none"} if trial.arm.network == "none" else {}),
    }
    compose.write_text(json.dumps({"services": {"main": service}}))
    return {
        "task": {
            "path": str(item.folder) if item.folder else None,
            "dataset": item.dataset,
            "name": item.name,
        },
        "name": folder.name,
        "folder": str(folder / "trials"),
        "engine": engine_kind(engine),
        "cpus": math.ceil(trial.limits.cpus),
        "memory_mb": memory_mb,
        "patience": PATIENCE,
        "compose": [str(compose)],
        "mounts": [] if oracle else _mounts(trial, folder),
        "agent": _oracle(trial) if oracle else _claude_code(trial),
    }


def _oracle(trial: Trial) -> dict[str, Any]:
    return {"name": ORACLE, "model": None, "seconds": trial.agent_s, "options": {}, "environment": {}}


def _claude_code(trial: Trial) -> dict[str, Any]:
    """Harbor's own way of calling Claude Code, with the settings that our scaffold of that name has.

    Raises:
        Infrastructure: it is another agent's trial, or there is no way to the model.
    """
    if trial.arm.scaffold != CLAUDE_CODE:
        raise Infrastructure("scaffold", f"harbor's tasks are tried by {CLAUDE_CODE}, not by {trial.arm.scaffold}")
    if trial.way is None:
        raise Infrastructure("scaffold", "the trial has no way to the model")
    options: dict[str, Any] = {"version": claude_code_settings.VERSION, "disable_web_search": not trial.arm.web_tools}
    if trial.arm.turns is not None:
        options["max_turns"] = trial.arm.turns
    told = {name: value for name, value in claude_code_settings.ENVIRONMENT.items() if name not in _HARBORS_OWN}
    told |= dict.fromkeys(claude_code_settings.MODELS, trial.way.model)
    return {
        "name": CLAUDE_CODE,
        "model": trial.way.model,
        "seconds": trial.agent_s,
        "options": options,
        "environment": told,
    }


def _mounts(trial: Trial, folder: Path) -> Sequence[Mapping[str, Any]]:
    """The program, and before it a script that fixes the session's id: its files' paths are told to the model."""
    (program,) = scaffold(CLAUDE_CODE).mounts()
    script = folder / "claude"
    options = f"--session-id={claude_code_settings.session(trial.name)}"
    script.write_text(f'#!/bin/sh\nexec {program.target} {options} "$@"\n')
    script.chmod(0o755)
    return [
        {"type": "bind", "source": str(source), "target": target, "read_only": True}
        for source, target in ((program.source, program.target), (script, TARGET))
    ]
