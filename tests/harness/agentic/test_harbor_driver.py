"""The driver's own functions, in harbor's own Python, on what harbor's own verifier raises."""

import json
import subprocess
from pathlib import Path

import pytest

from harness.agentic.environments import python_of
from harness.agentic.harbor import HARBOR
from harness.agentic.harbor_process import DRIVER
from harness.errors import UsageError
from tests.needs import missing

TASKS = Path(__file__).parents[2] / "harbor_tasks"
VERIFY = """
__name__ = "harbor.environments.toy"
import asyncio, importlib.util, json, sys
from pathlib import Path
from types import SimpleNamespace

from harbor.models.agent.context import AgentContext
from harbor.models.task.config import TaskOS
from harbor.models.task.task import Task
from harbor.models.trial.paths import TrialPaths
from harbor.verifier.verifier import Verifier

found = importlib.util.spec_from_file_location("driver", sys.argv[3])
driver = importlib.util.module_from_spec(found)
found.loader.exec_module(driver)


class Container:
    os = TaskOS.LINUX
    capabilities = SimpleNamespace(mounted=True)

    def __init__(self, fault):
        self.fault = fault

    async def upload_dir(self, source_dir, target_dir):
        if self.fault == "upload":
            raise OSError("the engine is gone")

    async def exec(self, command, env=None, user=None):
        if self.fault == "exec":
            raise IsADirectoryError("the engine is gone")


class Recording:
    def __init__(self):
        self.recorded = []

    def _record_exception(self, error):
        self.recorded.append(type(error).__name__)


async def verified(folder, fault):
    return await Verifier(Task(Path(sys.argv[1])), TrialPaths(folder), Container(fault)).verify()


trial = Recording()
met = driver.noted(trial)
for folder in sorted(Path(sys.argv[2]).iterdir()):
    try:
        asyncio.run(verified(folder, folder.name))
    except Exception as error:
        trial._record_exception(error)
assert trial.recorded == [each["name"] for each in met]

context = AgentContext()
result = SimpleNamespace(agent_result=context, step_results=[SimpleNamespace(agent_result=None)])
driver.leave_the_logs(result)
print(json.dumps([met, context.is_empty(), context.model_usage]))
"""
LEFT = {
    "deep.json": b"[" * 200_000,
    "number.json": b"1",
    "text.json": b'{"reward": "1"}',
    "bytes.txt": b"\xff\xfe",
    "empty.txt": b"",
    "words.txt": b"one",
}


@pytest.fixture(scope="module")
def installed() -> None:
    try:
        HARBOR.ready()
    except UsageError as error:
        missing(str(error))


def test_what_harbor_meets_at_the_reward_is_told_from_what_it_meets_elsewhere(installed: None, tmp_path: Path) -> None:
    for name, content in LEFT.items():
        verifier = tmp_path / name / "verifier"
        verifier.mkdir(parents=True)
        (verifier / f"reward{Path(name).suffix}").write_bytes(content)
    for name in ("folder", "upload", "exec", "none"):
        (tmp_path / name / "verifier").mkdir(parents=True)
    (tmp_path / "folder" / "verifier" / "reward.txt").mkdir()
    ran = subprocess.run(
        [python_of(HARBOR.name), "-W", "ignore", "-c", VERIFY, TASKS / "greet", tmp_path, DRIVER],
        env={"HARBOR_TELEMETRY": "0"},
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    met, is_empty, usage = json.loads(ran.stdout)
    folders = sorted([*LEFT, "folder", "upload", "exec", "none"])
    told = {folder: (each["name"], each["reward"]) for folder, each in zip(folders, met, strict=True)}
    assert told == {
        "bytes.txt": ("VerifierOutputParseError", True),
        "deep.json": ("RecursionError", True),
        "empty.txt": ("RewardFileEmptyError", True),
        "exec": ("IsADirectoryError", False),
        "folder": ("IsADirectoryError", True),
        "none": ("RewardFileNotFoundError", True),
        "number.json": ("ValidationError", True),
        "text.json": ("VerifierOutputParseError", True),
        "upload": ("AddTestsDirError", True),
        "words.txt": ("VerifierOutputParseError", True),
    }
    assert (is_empty, usage) == (False, {})
