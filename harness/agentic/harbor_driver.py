"""One trial of one harbor task, in harbor's own Python. Imports nothing of ours.

It is told what to do by the first line of standard input and tells what happens on standard output, one JSON object a
line. After ``task``, ``agent`` and ``tests`` it waits for a line in answer. When standard input ends, whoever started
it is gone, and it ends with everything it started.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
import threading
import tomllib
import traceback
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TextIO

from harbor.models.job.config import DatasetConfig
from harbor.models.job.lock import TrialLock
from harbor.models.trial.config import AgentConfig, EnvironmentConfig, TaskConfig, TrialConfig
from harbor.models.trial.result import TimingInfo, TrialResult
from harbor.trial.hooks import TrialEvent, TrialHookEvent
from harbor.trial.trial import Trial
from harbor.verifier.verifier import Verifier

Told = dict[str, Any]
MOST_WORDS = 4000
READING = (Verifier.verify, Verifier._parse_reward_text, Verifier._parse_reward_json)
"""Where harbor reads the reward; what else the first one does, it has others do."""


class Head:
    """Whoever started this."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._answers: SimpleQueue[Told] = SimpleQueue()
        self.job: Told = json.loads(sys.stdin.readline())
        threading.Thread(target=self._listen, daemon=True).start()

    def tell(self, event: str, **what: Any) -> None:
        """Say what happened."""
        print(json.dumps({"event": event, **what}), file=self._out, flush=True)

    async def ask(self, event: str, **what: Any) -> Told:
        """Say what happened, and wait for the answer."""
        self.tell(event, **what)
        return await asyncio.to_thread(self._answers.get)

    def _listen(self) -> None:
        for line in sys.stdin:
            self._answers.put(json.loads(line))
        os.killpg(0, signal.SIGKILL)


async def task_of(told: Told) -> TaskConfig:
    """The task: a folder, or one of a dataset that harbor knows by name, ``NAME`` or ``NAME@VERSION``."""
    if told.get("path"):
        return TaskConfig(path=Path(told["path"]))
    name, _, version = told["dataset"].partition("@")
    pinned = {"ref" if "/" in name else "version": version} if version else {}
    found = await DatasetConfig(name=name, task_names=[told["name"]], **pinned).get_task_configs()
    if len(found) != 1:
        raise LookupError(f"{told['dataset']} has {len(found)} tasks called {told['name']}")
    return found[0]


async def made(job: Told) -> Trial:
    """The trial as the job says; nothing is started yet."""
    agent = job["agent"]
    return await Trial.create(
        TrialConfig(
            task=await task_of(job["task"]),
            trial_name=job["name"],
            trials_dir=Path(job["folder"]),
            environment_build_timeout_multiplier=job["patience"],
            agent=AgentConfig(
                name=agent["name"],
                model_name=agent["model"],
                override_timeout_sec=agent["seconds"],
                kwargs=agent["options"],
                env=agent["environment"],
            ),
            environment=EnvironmentConfig(
                type=job["engine"],
                delete=False,
                override_cpus=job["cpus"],
                override_memory_mb=job["memory_mb"],
                mounts=job["mounts"],
                extra_docker_compose=[Path(path) for path in job["compose"]],
            ),
        )
    )


def facts(trial: Trial, lock: TrialLock) -> Told:
    """What the task's own file says of its image and its limits, of which the job replaces most."""
    own = tomllib.loads(trial.task.paths.config_path.read_text("utf-8"))
    environment = own.get("environment", {})
    return {
        "task": trial.task.name,
        "digest": lock.task.digest,
        "image": environment.get("docker_image"),
        "agent_s": own.get("agent", {}).get("timeout_sec"),
        "verifier_s": own.get("verifier", {}).get("timeout_sec"),
        "cpus": environment.get("cpus"),
        "memory_mb": environment.get("memory_mb"),
    }


def clear(folder: Path) -> list[str]:
    """Empty the folder that rewards are read from, which the agent could write to, and say what it held."""
    names = []
    for path in sorted(folder.iterdir()):
        names.append(path.name)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return names


def seconds(timing: TimingInfo | None) -> float | None:
    """How long a phase took; None if it did not end or was not begun."""
    if timing is None or timing.started_at is None or timing.finished_at is None:
        return None
    took: float = (timing.finished_at - timing.started_at).total_seconds()
    return took


def at_the_reward(error: BaseException) -> bool:
    """Whether harbor met it while it read the reward, in whose place agent and tests can leave anything."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    harbors = [frame.f_code for frame in frames if frame.f_globals.get("__name__", "").startswith("harbor.")]
    return bool(harbors) and harbors[-1] in [function.__code__ for function in READING]


def noted(trial: Trial) -> list[Told]:
    """A list of what the trial meets from now on, in order: harbor records the first exception and drops the rest."""
    met: list[Told] = []
    record = trial._record_exception

    def note(error: BaseException) -> None:
        met.append(as_told(type(error).__name__, str(error), reward=at_the_reward(error)))
        record(error)

    trial._record_exception = note
    return met


def as_told(name: str, message: str, *, reward: bool = False) -> Told:
    """An exception, as the head is told of it."""
    return {"name": name, "message": message[-MOST_WORDS:], "reward": reward}


def leave_the_logs(result: TrialResult) -> None:
    """Keep harbor from reading the agent's own logs, and from writing its reading of them among these.

    Harbor does so where it knows of no usage; we use nothing of it. The agent can make it fail there, with half a
    surrogate pair in its session's log for one, or have it write to any file of this machine, through a link.
    """
    for part in (result, *(result.step_results or ())):
        if part.agent_result is not None and part.agent_result.model_usage is None:
            part.agent_result.model_usage = {}


def found(result: TrialResult, met: list[Told]) -> Told:
    """What harbor recorded of the trial, and the exceptions that it met: a plain object."""
    steps = [step.exception_info for step in result.step_results or () if step.exception_info]
    return {
        "rewards": result.verifier_result.rewards if result.verifier_result else None,
        "exceptions": [*(as_told(each.exception_type, each.exception_message) for each in steps), *met],
        "began": result.agent_execution is not None or bool(result.step_results),
        "agent_version": result.agent_info.version,
        "agent_s": seconds(result.agent_execution),
        "verifier_s": seconds(result.verifier),
        "setup_s": seconds(result.environment_setup),
    }


async def main(head: Head) -> None:
    """Make the trial, run it, and tell what harbor recorded."""
    job = head.job
    trial = await made(job)
    cleared: list[str] = []
    met = noted(trial)

    async def trial_begins(event: TrialHookEvent) -> None:
        await head.ask("task", **facts(trial, event.lock))

    async def agent_begins(event: TrialHookEvent) -> None:
        os.environ.update((await head.ask("agent"))["environment"])

    async def agent_ends(event: TrialHookEvent) -> None:
        leave_the_logs(event.result)

    async def tests_begin(event: TrialHookEvent) -> None:
        await head.ask("tests")
        cleared.extend(clear(trial.paths.verifier_dir))

    trial.add_hook(TrialEvent.START, trial_begins)
    if job["agent"]["model"] is not None:
        trial.add_hook(TrialEvent.AGENT_START, agent_begins)
    trial.add_hook(TrialEvent.AGENT_END, agent_ends)
    trial.add_hook(TrialEvent.VERIFICATION_START, tests_begin)
    result = await trial.run()
    head.tell("done", cleared=cleared, **found(result, met))


if __name__ == "__main__":
    events = sys.stdout
    sys.stdout = sys.stderr
    asyncio.run(main(Head(events)))
