"""Claude Code: the vendor's scaffold, as npm's package has it, with its own tools, talking to the gateway.

The program is native and is mounted into the container read-only; neither npm nor Node is needed there.
"""

import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock

from harness.agentic.environments import STAMP, environment
from harness.agentic.scaffold import Finished
from harness.agentic.scaffolds import claude_code_settings as chosen
from harness.agentic.scaffolds.claude_code_events import ended, events, result
from harness.agentic.terms import Infrastructure, Trial, Way
from harness.contract import TrialArm
from harness.endpoint.gateway.route import Rewrite
from harness.errors import UsageError
from harness.sandbox import Box, Mount
from harness.sandbox.netns import NoWayIn
from harness.sandbox.relay import relay

PACKAGE = f"@anthropic-ai/claude-code-linux-x64@{chosen.VERSION}"
"""The native program for the machine that images are made for, whatever this one is."""
PROGRAM = f"{chosen.FOLDER}/claude"
PROMPT, ERRORS = f"{chosen.FOLDER}/prompt", f"{chosen.FOLDER}/errors"
LAST_WORDS = 2000


class ClaudeCode:
    """The scaffold called ``claude-code``."""

    name = "claude-code"
    version = chosen.VERSION
    rewrites: Sequence[Rewrite] = chosen.REWRITES

    def settings(self, arm: TrialArm) -> Mapping[str, Any]:
        """Version, options, environment, what is left at the program's default, and what is rewritten."""
        return chosen.settings(arm)

    def ready(self) -> None:
        """Return if the pinned version is here.

        Raises:
            UsageError: it is not.
        """
        if not self._current():
            raise UsageError(
                f"Claude Code {self.version} is not installed for trials; "
                f"`longcat-repro scaffold install {self.name}` installs it with npm"
            )

    def install(self, say: Callable[[str], None]) -> None:
        """Install the pinned version with npm, unless it is here.

        Raises:
            UsageError: npm is missing or fails; the message gives its words.
        """
        folder = environment(self.name)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f"{self.name}.lock"):
            if self._current():
                say(f"{self.name}: installed already, in {folder}")
                return
            say(f"{self.name}: installing {PACKAGE} into {folder}")
            shutil.rmtree(folder, ignore_errors=True)
            _npm(folder)
            (folder / STAMP).write_text(PACKAGE)
            say(f"{self.name}: installed")

    def mounts(self) -> Sequence[Mount]:
        """The program.

        Raises:
            Infrastructure: it is not on this machine; an engine would mount an empty folder in its place.
        """
        try:
            self.ready()
        except UsageError as error:
            raise Infrastructure("scaffold", str(error)) from error
        return [Mount(_program(), PROGRAM)]

    def run(self, box: Box, instruction: str, folder: str, trial: Trial) -> Finished:
        """Work on the instruction in ``folder`` until done, out of turns, or out of time.

        Raises:
            Infrastructure: the program could not be started, the container's network not be entered, or the gateway
                not be reached.
        """
        way = trial.way
        if way is None:
            raise Infrastructure("scaffold", "the trial has no way to the model")
        own = [f"{chosen.FOLDER}/{name}" for name in ("config", "tmp")]
        made = box.run(["sh", "-c", f"mkdir -p {' '.join(own)} && chmod 777 {chosen.FOLDER} {' '.join(own)}"], user="0")
        if made.code != 0:
            raise Infrastructure("scaffold", f"{chosen.FOLDER} could not be made in the container: {made.text}")
        box.put(PROMPT, instruction.encode())
        options = [*chosen.flags(trial.arm), f"--session-id={chosen.session(trial.name)}"]
        line = f"exec {shlex.join([PROGRAM, *options])} < {PROMPT} 2> {ERRORS}"
        try:
            with relay(box, way.host, way.port) as carried:
                told = _told(way, carried.port)
                ran = box.run(["sh", "-c", line], folder=folder, environment=told, seconds=trial.agent_s)
        except NoWayIn as error:
            raise Infrastructure("engine", str(error)) from error
        how, detail = ended(ran, box.out_of_memory)
        # An agent can provoke a failure of the relay, and kill its program; the program itself says why it gives up.
        if how == "crashed" and carried.failed and result(ran.output) is not None:
            raise Infrastructure("endpoint", f"the gateway could not be reached from the worker's machine: {detail}")
        if how == "crashed" and not events(ran.output):
            raise Infrastructure("scaffold", f"{self.name} could not be started: {_last_words(box) or detail}")
        return Finished(how, detail, ran.seconds, ran.output)

    def _current(self) -> bool:
        stamp = environment(self.name) / STAMP
        return stamp.is_file() and stamp.read_text() == PACKAGE and _program().is_file()


def _program() -> Path:
    return environment(ClaudeCode.name) / "node_modules" / "@anthropic-ai" / "claude-code-linux-x64" / "claude"


def _npm(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise UsageError("Claude Code is installed with npm, which is not on PATH; install Node.js and run this again")
    folder.mkdir()
    command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--os=linux", "--cpu=x64", PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not _program().is_file():
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-6:]
        raise UsageError("npm could not install Claude Code:\n  " + "\n  ".join(words))


def _told(way: Way, port: int) -> dict[str, str]:
    """The program's environment: the model is behind ``port`` of the container."""
    return {
        **chosen.ENVIRONMENT,
        **dict.fromkeys(chosen.MODELS, way.model),
        "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}/{way.path}",
        "ANTHROPIC_AUTH_TOKEN": way.token,
    }


def _last_words(box: Box) -> str:
    return (box.get(ERRORS, LAST_WORDS) or b"").decode("utf-8", "replace").strip()


SCAFFOLD = ClaudeCode()
