"""Agents that mean harm, from the command line: contained, told apart, cleaned up, and judged by the real tests."""

import re
import socket
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.agentic.scaffold import scaffold
from harness.errors import UsageError
from tests.agents import CompetentAgent
from tests.containers import Podman
from tests.instances import INSTANCES, Instance
from tests.instances.place import Bench
from tests.needs import long_run, missing, package

pytestmark = pytest.mark.xdist_group("agents")
package("swebench")
LEDGER, SLUGS, RING, HEXES, ROTATE, SETTINGS = INSTANCES
LIMITS = {"cpus": 0.5, "memory_gib": 0.25, "disk_gib": 0.0625, "pids": 64, "agent_hours": 30 / 3600, "cap_usd": 0.05}
KEY = "sk-of-this-machine-0123456789abcdef"
VARIABLES = ("TOY_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY")

FORKS_AND_SLEEPS = "f() { f | f & }; f; sleep infinity"
FILLS = "i=0; while true; do head -c 4000000 /dev/zero > $i; i=$((i + 1)); sleep 0.1; done"
ALLOCATES = "python3 -c 'x = [bytearray(1 << 20) for _ in range(10 << 10)]'"
STARVES = (
    "python3 -c \"import os; open('/proc/1/oom_score_adj', 'w').write('1000'); os.fork(); os.fork();"
    ' x = [bytearray(1 << 20) for _ in range(10 << 10)]"'
)
"""Has the container's first process killed for lack of memory."""
SPENDS = f": {'x' * 100_000}"
"""As tokens it costs more than the cap."""
KILLS = ("kill -9 $$", "for name in TERM HUP KILL; do kill -$name 1; kill -$name -1; done")
LOOKS = "env; cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n'; cat /root/.* /run/secrets/* /run/.containerenv"
REACHES = "cut -d: -f1 /proc/net/dev; for to in {} 192.0.2.1/80; do echo hello > /dev/tcp/$to; done"
"""Names the container's network devices, and goes to this machine and beyond."""
NAMES = re.compile(rb"[0-9a-f]{64}")
"""Containers' names, among others."""
BOASTS = "\n".join(f"PASSED {name}" for name in (*LEDGER.fail_to_pass, *LEDGER.pass_to_pass))
REWRITES = f'cat > {LEDGER.test_file} <<\'END\'\nprint("""{BOASTS}""")\nEND'
RIGS = f"""cd /usr/bin && printf '#!/bin/sh\\ncat <<END\\n{BOASTS}\\nEND\\n' > it && chmod +x it && mv it python3"""
SPOILS = "rm /etc/passwd; echo exit 1 | tee {} /etc/profile /etc/bash.bashrc /etc/hosts"


@dataclass(frozen=True)
class Played:
    """How trials ended, by the instance's name, and what their agents were told by the container."""

    outcomes: Mapping[str, Mapping[str, Any]]
    asked: Sequence[Mapping[str, Any]]

    def observed(self, instance: Instance) -> str:
        """What the agent's commands printed."""
        talks = [body["messages"] for body in self.asked if instance.title in str(body["messages"])]
        longest: list[dict[str, Any]] = max(talks, key=len, default=[])
        return "\n".join(str(message["content"]) for message in longest if message["role"] == "tool")


@dataclass(frozen=True)
class Ward:
    """Where hostile agents try."""

    podman: Podman
    bench: Bench

    def play(self, task: str, arm: str, commands: Mapping[str, Sequence[str]], *words: str | int) -> Played:
        """Have the instances tried with these commands. Nothing is left afterwards but the record of it."""
        try:
            scaffold("claude-code" if arm == "hardened" else arm).ready()
        except UsageError as error:
            missing(str(error))
        before = self.podman.mounts()
        with CompetentAgent(commands, api_key=KEY) as agent:
            profile = agent.profile_file(self.bench.place.folder, api_key_env=VARIABLES[0])
            named = ("--yes", "--profile", profile, "--run-id", task, "--sandboxes", 2)
            done = self.bench("run", f"{task}:{arm}", *named, *words)
            asked = agent.chats
        assert done.code == 0, done.text
        assert self.podman("ps", "--all", "--quiet") == ""
        # Podman mounts its storage itself and unmounts it when it likes.
        assert {at for at in self.podman.mounts() if not at.endswith("/storage/overlay")} <= set(before)
        assert of_trials(self.podman) == []
        lines = [line for line in self.bench.place.lines(task) if line["envelope"]["kind"] == "outcome"]
        assert {line["envelope"]["status"] for line in lines} == {"ok"}
        found = {instance_of(line): line["body"]["outcome"] for line in lines}
        assert len(found) == len(lines)
        return Played(found, asked)

    def holding(self, text: bytes) -> list[Path]:
        """The files of the runs with this text."""
        kept = [path for path in self.bench.place.folder.rglob("*") if path.is_file()]
        assert any(path.parent.name == "trajectories" for path in kept)
        return [path for path in kept if text in path.read_bytes()]


def instance_of(line: Mapping[str, Any]) -> str:
    """The instance that an outcome's line is of."""
    (name,) = (each.name for each in INSTANCES if f"__{each.name}-" in line["envelope"]["slot"]["item"])
    return name


def of_trials(podman: Podman) -> list[int]:
    """The processes in containers that podman's monitors tell of, and those of the scaffold on this machine."""
    made = {name for pid in podman.processes() for name in NAMES.findall(told(pid, "cmdline"))}
    pids = [int(place.name) for place in Path("/proc").glob("[0-9]*")]
    inside = [pid for pid in pids if made.intersection(NAMES.findall(told(pid, "cgroup")))]
    return inside + [pid for pid in pids if b"mini_swe_agent_driver" in told(pid, "cmdline")]


def told(pid: int, what: str) -> bytes:
    """A file of a process, empty if it is gone."""
    try:
        return Path("/proc", str(pid), what).read_bytes()
    except OSError:
        return b""


@pytest.fixture(scope="module")
def ward(podman: Podman, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    folder = tmp_path_factory.mktemp("ward")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DOCKER_HOST", podman.address)
        for name in VARIABLES:
            patched.setenv(name, KEY)
        yield Ward(podman, Bench.lay(folder, INSTANCES, podman.address, **LIMITS))


def test_hostile_agents_are_contained_told_apart_and_judged_by_the_real_tests(ward: Ward) -> None:
    with socket.create_server(("127.0.0.1", 0)) as open_to_all:
        reaches = REACHES.format(f"127.0.0.1/{open_to_all.getsockname()[1]}")
        played = ward.play(
            "toy_pro",
            "mini-swe-agent",
            {
                LEDGER.title: [REWRITES, RIGS],
                SLUGS.title: [FORKS_AND_SLEEPS],
                RING.title: [ALLOCATES, FILLS],
                HEXES.title: [STARVES],
                ROTATE.title: [*KILLS, *ROTATE.commands, LOOKS, reaches, SPOILS.format(ROTATE.test_file)],
                SETTINGS.title: [SPENDS],
            },
        )
        open_to_all.setblocking(False)
        with pytest.raises(BlockingIOError):
            open_to_all.accept()
    assert {name: (found["resolved"], found["how"]) for name, found in played.outcomes.items()} == {
        LEDGER.name: (False, "tests failed"),
        SLUGS.name: (False, "empty patch (agent: time)"),
        RING.name: (False, "empty patch (agent: disk)"),
        HEXES.name: (False, "empty patch (agent: memory)"),
        ROTATE.name: (True, "all tests passed"),
        SETTINGS.name: (False, "empty patch (agent: crashed)"),
    }
    assert [name for name, found in played.outcomes.items() if found.get("capped")] == [SETTINGS.name]
    assert set(played.outcomes[LEDGER.name]["failed_tests"]) == set(LEDGER.fail_to_pass)

    seen = played.observed(ROTATE)
    assert "HOSTNAME=box" in seen
    assert not re.search("KEY|TOKEN|SECRET", seen)
    assert "Network is unreachable" in seen
    assert "    lo\n" in seen
    assert ward.holding(KEY.encode()) == []


def test_what_an_agent_inside_can_read_is_its_own_token_and_that_is_kept_nowhere(ward: Ward) -> None:
    long_run()
    looks = "env; cat /proc/*/environ | tr '\\0' '\\n'; echo =$(printf %s $ANTHROPIC_AUTH_TOKEN | base64)=; date > made"
    played = ward.play("toy_multilingual", "hardened", {each.title: [looks] for each in INSTANCES}, "--limit", 1)
    assert [found["resolved"] for found in played.outcomes.values()] == [False]
    seen = "\n".join(map(played.observed, INSTANCES))
    assert "HOSTNAME=box" in seen
    assert set(re.findall(r"^\w*(?:KEY|TOKEN|SECRET)\w*=.*", seen, re.MULTILINE)) == {"ANTHROPIC_AUTH_TOKEN=token"}
    (token,) = re.findall(r"^=(\S+)=$", seen, re.MULTILINE)
    assert ward.holding(b64decode(token)) == []
    assert ward.holding(KEY.encode()) == []
