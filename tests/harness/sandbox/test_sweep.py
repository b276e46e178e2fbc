"""What kill -9 leaves behind is removed by the next process, and nothing else is."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from harness.sandbox import Box, Engine, Limits, Owner, sweep
from harness.sandbox.owner import is_alive
from tests.containers import IMAGE, Podman

SLEEPER = """
import sys, time
from pathlib import Path
from harness.sandbox import Box, Engine, Limits, Owner
with Engine.connect() as engine, Owner(Path(sys.argv[1])) as owner:
    with Box(engine, owner, sys.argv[2], Limits(memory_gib=0.25), trial="t"):
        print(owner.id, flush=True)
        time.sleep(600)
"""


def test_a_killed_process_leaves_nothing_for_long(podman: Podman, engine: Engine, tmp_path: Path) -> None:
    owners = tmp_path / "owners"
    process = subprocess.Popen(
        [sys.executable, "-c", SLEEPER, str(owners), IMAGE],
        env={**os.environ, "DOCKER_HOST": podman.address},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    dead = process.stdout.readline().strip()
    assert is_alive(dead, owners)
    assert sweep(engine, owners) == 0
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not is_alive(dead, owners)
    with Owner(owners) as mine, Box(engine, mine, IMAGE, Limits(memory_gib=0.25), trial="mine") as box:
        assert sweep(engine, owners) == 1
        assert box.run(["true"]).code == 0
        assert sweep(engine, owners) == 0
        assert sweep(engine, owners, owner=mine.id) == 1
    assert list(owners.iterdir()) == []
