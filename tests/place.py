"""A place for runs: the real command line against a stand-in, and what it leaves on disk."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.cli import main
from tests import toy
from tests.standin import Standin

REPOSITORY = Path(__file__).resolve().parents[1]
WITH_PLACES = ("run", "rerun", "gold", "score", "import", "verify", "publish", "report", "export", "compare", "gateway")


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything printed."""
        return self.out + self.err


@dataclass(frozen=True)
class Place:
    """Folders of results and reports under a test's own folder."""

    folder: Path

    @property
    def results(self) -> Path:
        """Where runs are."""
        return self.folder / "results"

    @property
    def reports(self) -> Path:
        """Where reports are."""
        return self.folder / "reports"

    def words(self, *words: str | Path | int | float) -> list[str]:
        """A command's words with this place's folders and the toy task's."""
        places: tuple[str | Path, ...] = () if "--tasks-path" in words else ("--tasks-path", toy.TASKS)
        if words[0] in WITH_PLACES:
            places += ("--results", self.results, "--reports", self.reports)
            places += () if "--data-dir" in words else ("--data-dir", toy.DATA)
        return [str(word) for word in (*words, *places)]

    def __call__(self, *words: str | Path | int | float) -> Outcome:
        """Run a command in this process."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = main(self.words(*words))
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
        return Outcome(code, out.getvalue(), err.getvalue())

    def start(self, *words: str | Path | int | float, env: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
        """Start a command in a process of its own, with nobody at the keyboard."""
        return subprocess.Popen(
            [sys.executable, "-m", "harness.cli", *self.words(*words)],
            cwd=REPOSITORY,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_toy(self, standin: Standin, *words: str | Path | int | float, **profile: Any) -> Outcome:
        """``run toy_sum`` against the stand-in, its primary arm as the run ``toy``."""
        return self(*self.toy_words(standin, *words, **profile))

    def toy_words(self, standin: Standin, *words: str | Path | int | float, **profile: Any) -> list[str]:
        """The words of :meth:`run_toy`."""
        settings = ["--profile", standin.profile_file(self.folder, **profile), "--arms", "primary"]
        named = [] if "--run-id" in words or "--new" in words else ["--run-id", "toy"]
        return [str(word) for word in ("run", "toy_sum", *settings, *named, *words)]

    def summary(self, run_id: str = "toy") -> dict[str, Any]:
        """The run's ``summary.json``."""
        value: dict[str, Any] = json.loads((self.results / run_id / "summary.json").read_bytes())
        return value

    def task(self, run_id: str = "toy", task: str = "toy_sum") -> dict[str, Any]:
        """The task's part of the run's summary."""
        value: dict[str, Any] = self.summary(run_id)["tasks"][task]
        return value

    def lines(self, run_id: str = "toy") -> list[dict[str, Any]]:
        """The complete lines of the run's journal."""
        path = self.results / run_id / "journal.jsonl"
        if not path.exists():
            return []
        *whole, _torn = path.read_bytes().split(b"\n")
        return [json.loads(line) for line in whole]

    def answers(self, run_id: str = "toy") -> dict[str, str]:
        """Content by item of all recorded first answers."""
        lines = [line for line in self.lines(run_id) if line["envelope"]["kind"] == "reply"]
        ok = [line for line in lines if line["envelope"]["status"] == "ok"]
        first = [line for line in ok if line["envelope"]["slot"]["role"] == "answer"]
        found = {line["envelope"]["slot"]["item"]: line["body"]["reply"]["content"] for line in first}
        assert len(found) == len({json.dumps(line["envelope"]["slot"]) for line in ok}), "a slot was answered twice"
        return found
