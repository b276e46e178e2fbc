"""Runs mini-swe-agent's own agent and model, and has every command executed by the process that started it.

Runs in the package's own Python and imports nothing of ours. The first line of its input is a JSON object: ``task``,
the options of ``agent``, ``model`` and ``environment``, and the path ``output`` for the package's record, which is
written when the agent ends, however it does. For each command it writes a line {"command"} and reads one {"output",
"returncode", "exception_info"[, "extra"]}. When its input ends it ends too.
"""

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

MOST_KEPT = 100_000
"""Characters of a command's output in the record; the model is shown what the templates say."""
MACHINE = {"system": "Linux", "node": "container", "release": "", "version": "", "machine": "x86_64", "processor": ""}
"""What the package takes from this machine for its templates: the same everywhere."""


class Elsewhere:
    """An environment as the package's protocol has it; its commands are executed by our parent.

    Args:
        config: options for the templates and the record.
        answers: lines from the parent.
        asked: where commands are written to.
    """

    def __init__(self, config: Mapping[str, Any], answers: "queue.SimpleQueue[str]", asked: TextIO) -> None:
        self.config = dict(config)
        self._answers = answers
        self._asked = asked
        self._docker = import_module("minisweagent.environments.docker").DockerEnvironment

    def execute(self, action: Mapping[str, Any], cwd: str = "") -> dict[str, Any]:
        """What the command gave; the package's own exception where it hands in the work."""
        print(json.dumps({"command": action.get("command", "")}), file=self._asked, flush=True)
        output: dict[str, Any] = json.loads(self._answers.get())
        self._docker._check_finished(self, output)
        return output

    def get_template_vars(self, **more: Any) -> dict[str, Any]:
        """The options, and a machine that is the same everywhere."""
        return {**self.config, **MACHINE, **more}

    def serialize(self) -> dict[str, Any]:
        """The options, for the record."""
        return {"info": {"config": {"environment": self.config, "environment_type": "longcat-repro"}}}


class Frugal:
    """The package's model, with a record that does not hold all of a long output."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def format_observation_messages(
        self, message: Mapping[str, Any], outputs: Sequence[Any], template_vars: Any = None
    ) -> list[dict[str, Any]]:
        """The model's own messages."""
        messages: list[dict[str, Any]] = self._model.format_observation_messages(message, outputs, template_vars)
        for each in messages:
            each["extra"]["raw_output"] = each["extra"]["raw_output"][:MOST_KEPT]
        return messages


def main() -> None:
    """Serve one task."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(f"ended by signal {number}"))
    with os.fdopen(os.dup(1), "w") as asked:
        os.dup2(2, 1)
        given = json.loads(sys.stdin.readline())
        over = threading.Event()
        answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_read, args=(answers, over)).start()
        try:
            _work(given, answers, asked)
        finally:
            over.set()


def _work(given: Mapping[str, Any], answers: "queue.SimpleQueue[str]", asked: TextIO) -> None:
    model = Frugal(import_module("minisweagent.models.litellm_model").LitellmModel(**given["model"]))
    environment = Elsewhere(given["environment"], answers, asked)
    agent = import_module("minisweagent.agents.default").DefaultAgent(model, environment, **given["agent"])
    try:
        agent.run(given["task"])
    finally:
        agent.save(Path(given["output"]))


def _read(answers: "queue.SimpleQueue[str]", over: threading.Event) -> None:
    """Hand on what the parent writes; when the parent is gone and the work is not over, end this process."""
    for line in sys.stdin:
        answers.put(line)
    if not over.is_set():
        os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
