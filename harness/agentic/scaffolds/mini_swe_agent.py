"""mini-swe-agent (https://github.com/SWE-agent/mini-swe-agent): a loop over one tool, bash.

The package's own agent and model run in a process on the worker's machine; its commands are executed in the box, which
needs no way to the model and holds nothing of the agent.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from subprocess import TimeoutExpired
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from harness.agentic.environments import is_current, make_venv, python_of
from harness.agentic.place import blame
from harness.agentic.scaffold import Finished
from harness.agentic.scaffolds import mini_swe_agent_settings as chosen
from harness.agentic.scaffolds.mini_swe_agent_process import AgentProcess
from harness.agentic.terms import Ended, Infrastructure, Trial, Way
from harness.contract import TrialArm
from harness.endpoint.gateway.route import Rewrite
from harness.errors import UsageError
from harness.sandbox import Box, Mount, Ran, SandboxFailed

ANSWERS_WITHIN_S = 30.0
CONTAINER = "0" * 64
"""Stands where the package names the container's id, which no two containers share."""


class MiniSweAgent:
    """The scaffold."""

    name = chosen.NAME
    version = chosen.VERSION
    rewrites: Sequence[Rewrite] = ()

    def settings(self, arm: TrialArm) -> Mapping[str, Any]:
        """The whole configuration.

        Raises:
            UsageError: it is not installed, and the configuration is read from the package.
        """
        self.ready()
        return chosen.settings(arm)

    def ready(self) -> None:
        """Return if the pinned version is here.

        Raises:
            UsageError: it is not.
        """
        if not is_current(self.name, chosen.REQUIREMENTS, chosen.BARE):
            raise UsageError(
                f"{self.name} {self.version} is not installed for trials; "
                f"`longcat-repro scaffold install {self.name}` installs it with pip"
            )

    def install(self, say: Callable[[str], None]) -> None:
        """Install the pinned version into an environment of its own, unless it is there.

        Raises:
            UsageError: pip fails; the message gives its words.
        """
        make_venv(self.name, chosen.REQUIREMENTS, (3, 11), say, bare=chosen.BARE)

    def mounts(self) -> Sequence[Mount]:
        """Nothing: it works from outside."""
        return []

    def run(self, box: Box, instruction: str, folder: str, trial: Trial) -> Finished:
        """Work on the instruction in ``folder`` until done, out of turns, or out of time.

        Raises:
            Infrastructure: the program could not be started, the engine failed, or the gateway cannot be reached.
        """
        way = trial.way
        if way is None:
            raise Infrastructure("scaffold", "the trial has no way to the model")
        try:
            self.ready()
        except UsageError as error:
            raise Infrastructure("scaffold", str(error)) from error
        _reach(way)
        start = time.monotonic()
        options = chosen.effective(trial.arm, way.model, folder)
        with TemporaryDirectory(prefix="longcat-repro-") as own:
            record = Path(own, "trajectory.json")
            told = {
                **chosen.ENVIRONMENT,
                "HOME": own,
                "MSWEA_GLOBAL_CONFIG_DIR": own,
                "OPENAI_API_KEY": way.token,
                "OPENAI_BASE_URL": f"{way.url}/v1",
            }
            given = {"task": instruction, "output": str(record), **options}
            with AgentProcess(python_of(self.name), told, Path(own), trial.agent_s) as agent:
                stopped = serve(agent, given, box, options["environment"])
            if not record.is_file():
                if agent.out_of_time:
                    return Finished("time", "not begun in time", time.monotonic() - start, b"", b"")
                raise Infrastructure("scaffold", f"{self.name} did not run: {agent.last_words}")
            log = record.read_bytes()
            end = end_of(log)
            how, detail = _ended(end, agent, stopped, trial.agent_s)
        if how == "crashed":
            _reach(way)
        return Finished(how, detail, time.monotonic() - start, log, end.submission.encode("utf-8", "replace"))


def serve(agent: AgentProcess, given: Mapping[str, Any], box: Box, place: Mapping[str, Any]) -> Ended | None:
    """Execute the agent's commands in the box until it ends; returns why the box takes no more, if that is before.

    Raises:
        Infrastructure: the engine failed.
    """
    agent.tell(given)
    for asked in agent.asks():
        command = [*place["interpreter"], asked["command"]]
        seconds = min(place["timeout"], agent.seconds_left)
        try:
            ran = box.run(command, folder=place["cwd"], environment=place["env"], seconds=seconds)
        except SandboxFailed as fault:
            return blame(box, fault)
        if ran.ended is not None:
            return ran.ended
        agent.tell(observed(ran, command, place))
    return None


def observed(ran: Ran, command: Sequence[str], place: Mapping[str, Any]) -> dict[str, Any]:
    """What the package's own container environment makes of a command's end.

    It runs Docker's client as a subprocess in text mode, so line ends become "\\n"; a command that takes longer than
    ``place["timeout"]`` seconds is reported as Python's ``TimeoutExpired``, whose words hold the client's command line.
    """
    if not ran.timed_out:
        text = ran.text.replace("\r\n", "\n").replace("\r", "\n")
        return {"output": text, "returncode": ran.code, "exception_info": ""}
    told = [word for name, value in place["env"].items() for word in ("-e", f"{name}={value}")]
    words = str(TimeoutExpired(["docker", "exec", "-w", place["cwd"], *told, CONTAINER, *command], place["timeout"]))
    return {
        "output": ran.text,
        "returncode": -1,
        "exception_info": f"An error occurred while executing the command: {words}",
        "extra": {"exception_type": "TimeoutExpired", "exception": words},
    }


class End(NamedTuple):
    """The end of a record: exit status, the error behind it, and the patch that was handed in; "" if there is none."""

    status: str = ""
    error: str = ""
    submission: str = ""


def _ended(end: End, agent: AgentProcess, stopped: Ended | None, agent_s: float) -> tuple[Ended, str]:
    """How the agent ended, and in words: its record's, where it ended by itself."""
    if stopped is not None:
        return stopped, f"the container ended: {stopped}"
    status, said, _ = end
    if status == "Submitted":
        return "done", status
    if status == "LimitsExceeded":
        return "turns", status
    if agent.out_of_time:
        return "time", f"not done after {agent_s:.0f} s"
    return "crashed", f"{status}: {said}" if said else status or agent.last_words


def end_of(log: bytes) -> End:
    """How a record ends; one that cannot be read, without anything."""
    try:
        record = json.loads(log)
    except (ValueError, RecursionError):
        return End()
    info, last = record["info"], record["messages"][-1].get("extra", {}) if record["messages"] else {}
    return End(str(info["exit_status"]), str(last.get("exception_str", ""))[:2000], str(info["submission"]))


def _reach(way: Way) -> None:
    """Raise Infrastructure if the gateway does not answer: an agent could only crash, or just did."""
    token = {"Authorization": f"Bearer {way.token}", "Connection": "close"}
    with closing(HTTPConnection(way.host, way.port, timeout=ANSWERS_WITHIN_S)) as connection:
        try:
            connection.request("GET", f"/{way.path}/v1/models", headers=token)
            connection.getresponse().read()
        except (OSError, HTTPException) as error:
            where = f"{way.host}:{way.port}"
            raise Infrastructure("endpoint", f"the gateway at {where} cannot be reached: {error!r}") from error


SCAFFOLD = MiniSweAgent()
