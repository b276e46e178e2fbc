"""The command line on the instances, with an engine of the tests' own."""

import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.agents import CompetentAgent
from tests.instances import folders
from tests.instances.instance import Instance
from tests.place import Outcome, Place


@dataclass(frozen=True)
class Bench:
    """A place for runs on the instances: ``engine`` is the address of the container engine's service."""

    place: Place
    tasks: Path
    data: Path
    engine: str

    @classmethod
    def lay(cls, folder: Path, instances: "tuple[Instance, ...]", engine: str, **limits: float) -> "Bench":
        """Write tasks and rows below ``folder``; ``limits`` as :func:`folders.tasks_path` takes them."""
        tasks, data = folders.tasks_path(folder, instances, limits), folders.data_dir(folder, instances)
        return cls(Place(folder), tasks, data, engine)

    def words(self, *words: str | Path | int | float) -> list[str]:
        """A command's words with the instances' tasks and rows."""
        return [str(word) for word in (*words, "--tasks-path", self.tasks, "--data-dir", self.data)]

    def __call__(self, *words: str | Path | int | float) -> Outcome:
        """Run a command in this process; ``DOCKER_HOST`` must name the engine."""
        return self.place(*self.words(*words))

    def start(self, *words: str | Path | int | float) -> "subprocess.Popen[str]":
        """Start a command in a process of its own."""
        return self.place.start(*self.words(*words), env={"DOCKER_HOST": self.engine})

    def run(self, agent: CompetentAgent, run_id: str, *words: str | Path | int | float) -> list[str]:
        """The words of ``run`` against an agent's server."""
        profile = agent.profile_file(self.place.folder)
        return [str(word) for word in ("run", *words, "--yes", "--profile", profile, "--run-id", run_id)]

    def outcomes(self, run_id: str) -> Counter[tuple[str, str, str]]:
        """How often each trial (task, arm, item) has a graded outcome."""
        lines = [line["envelope"] for line in self.place.lines(run_id)]
        graded = [line["slot"] for line in lines if (line["kind"], line["status"]) == ("outcome", "ok")]
        return Counter((slot["task"], slot["arm"], slot["item"]) for slot in graded)

    def bodies(self, run_id: str, kind: str, role: str) -> list[dict[str, Any]]:
        """The bodies of a run's lines of one kind and role."""
        lines = [line for line in self.place.lines(run_id) if line["envelope"]["kind"] == kind]
        return [json.loads(json.dumps(line["body"])) for line in lines if line["envelope"]["slot"]["role"] == role]
