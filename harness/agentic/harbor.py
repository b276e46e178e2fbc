"""Harbor, the framework of Terminal-Bench, in an environment of its own: one of our trials is one of its trials.

https://github.com/laude-institute/harbor; what it does and where it errs was read from version 0.24.0. Harbor makes the
container, runs the agent and the tests there. Ours are the limits, the agent's program, its way to the model, the watch
over the container, and the reading of its records.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from typing import Any

from harness.agentic.environments import is_current, make_venv, python_of
from harness.agentic.harbor_job import HarborItem, engine_kind, job_of
from harness.agentic.harbor_leftovers import named, remove
from harness.agentic.harbor_process import LAST_WORDS, HarborProcess, Inside
from harness.agentic.harbor_records import attempted
from harness.agentic.scaffolds.claude_code_events import result
from harness.agentic.terms import Attempted, Infrastructure, Trial
from harness.errors import UsageError
from harness.sandbox import (
    Engine,
    EngineUnavailable,
    ImageUnavailable,
    SandboxFailed,
    ensure,
    evict,
    owner_of_this_process,
)

VERSION = "0.24.0"
REQUIREMENTS = (f"harbor=={VERSION}", "podman-compose==1.6.0")
PYTHON = (3, 12)
SETTING_UP_S = 3600.0
"""Pulling or building an image, and starting and ending containers, on top of what agent and tests may take."""
_TOLD = (
    "HOME",
    "LANG",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "CONTAINERS_CONF",
    "CONTAINERS_STORAGE_CONF",
    "DOCKER_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
)


class Harbor:
    """The program, for ``longcat-repro scaffold install``."""

    name = "harbor"
    version = VERSION

    def ready(self) -> None:
        """Return if the pinned version is here.

        Raises:
            UsageError: it is not.
        """
        if not is_current(self.name, REQUIREMENTS):
            raise UsageError(
                f"harbor {VERSION} is not installed for trials; `longcat-repro scaffold install {self.name}` installs "
                f"it, with Python {'.'.join(map(str, PYTHON))} or later"
            )

    def install(self, say: Callable[[str], None]) -> None:
        """Install the pinned version, unless it is here.

        Raises:
            UsageError: no Python of at least 3.12 is here, or pip fails.
        """
        make_venv(self.name, REQUIREMENTS, PYTHON, say)


HARBOR = Harbor()


def ready() -> None:
    """Return if harbor trials can be made here.

    Raises:
        UsageError: harbor, the agent's program or the engine's command line is missing; the message says what to do.
    """
    HARBOR.ready()
    with Engine.connect() as engine:
        kind = engine_kind(engine)
    if shutil.which(kind) is None:
        raise UsageError(f"harbor drives the container engine by its command {kind!r}, which is not on PATH")
    if kind == "docker":
        found = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if found.returncode != 0:
            raise UsageError("harbor needs `docker compose`; install Docker's compose plugin (docker-compose-plugin)")


def attempt(item: HarborItem, trial: Trial, *, oracle: bool = False) -> Attempted:
    """Have harbor run the trial's agent, or the task's own solution, and then the task's tests.

    Raises:
        Infrastructure: harbor, engine, image or endpoint failed; never for what the agent did.
    """
    with ExitStack() as stack:
        try:
            engine = stack.enter_context(Engine.connect())
        except EngineUnavailable as error:
            raise Infrastructure("engine", str(error)) from error
        owner = owner_of_this_process()
        name = named(owner.id)
        folder = owner.folder / name
        folder.mkdir(mode=0o700)
        stack.callback(_evict, engine, trial)
        stack.callback(remove, engine, owner.id, name)
        job = job_of(item, trial, engine, owner, folder, oracle=oracle)
        limit_s = SETTING_UP_S + trial.agent_s + trial.grading_s
        process = stack.enter_context(
            HarborProcess(python_of(HARBOR.name), job, folder, environment(engine), limit_s, trial.name)
        )
        inside = stack.enter_context(Inside(engine, job["name"], trial, limit_s))
        facts: dict[str, Any] = {}

        def about_the_task(told: Mapping[str, Any]) -> dict[str, Any]:
            facts.update(told)
            facts["digest_of_image"] = _image(engine, told.get("image"), trial)
            return {}

        def about_the_agent(_: Mapping[str, Any]) -> dict[str, Any]:
            return {"environment": inside.way()}

        def about_the_tests(_: Mapping[str, Any]) -> dict[str, Any]:
            inside.check()
            return {}

        record = process.run({"task": about_the_task, "agent": about_the_agent, "tests": about_the_tests})
        if record["exceptions"] and not inside.gone():
            words = record["exceptions"][0]["message"][-LAST_WORDS:]
            raise Infrastructure("engine", f"{trial.name}: harbor lost the engine: {words}")
        prepared = {
            "scaffold": job["agent"]["name"],
            "harbor": VERSION,
            "agent_version": record["agent_version"],
            "engine": job["engine"],
            "network": trial.arm.network,
            "web_tools": trial.arm.web_tools,
            "limits": {"cpus": job["cpus"], "memory_mb": job["memory_mb"], "agent_s": trial.agent_s},
            "the_tasks_own": facts,
            "settings": {**job["agent"]["options"], "environment": job["agent"]["environment"]},
        }
        cut_off = inside.cut_off
        left = attempted(record, prepared, folder / "trials" / job["name"], inside.ended(), starved=inside.starved)
        # As with Claude Code alone: a program that was killed says nothing of its way to the model.
        if left.ended == "crashed" and cut_off and result(left.log) is not None:
            raise Infrastructure("endpoint", f"{trial.name}: the gateway could not be reached: {left.detail}")
        return left


def environment(engine: Engine) -> dict[str, str]:
    """What harbor's process is told: where the engine and its own tools are, and no key of anybody's."""
    proxies = [name for name in os.environ if name.lower() in ("http_proxy", "https_proxy", "no_proxy", "all_proxy")]
    return {
        **{name: os.environ[name] for name in (*_TOLD, *proxies) if name in os.environ},
        "PATH": f"{python_of(HARBOR.name).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "DOCKER_HOST": engine.address,
        "CONTAINER_HOST": engine.address,
        "HARBOR_TELEMETRY": "0",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }


def _image(engine: Engine, image: str | None, trial: Trial) -> str:
    """The digest of a task's image, pulled if need be; "" where harbor builds it.

    Raises:
        Infrastructure: it cannot be had.
    """
    try:
        return ensure(engine, image, most_gib=trial.images_gib) if image else ""
    except SandboxFailed as error:
        raise Infrastructure("engine", str(error)) from error
    except ImageUnavailable as error:
        raise Infrastructure("image", str(error)) from error


def _evict(engine: Engine, trial: Trial) -> None:
    with suppress(SandboxFailed):
        evict(engine, trial.images_gib)
