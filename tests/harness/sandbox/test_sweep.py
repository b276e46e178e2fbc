"""What kill -9 leaves behind is removed by the next process, and nothing else is."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness.sandbox import Box, Engine, Limits, Owner, SandboxFailed, sweep
from harness.sandbox.owner import is_alive
from tests.containers import IMAGE, Podman, failing_connections
from tests.harness.sandbox.boxes import box, left, processes

pytestmark = pytest.mark.xdist_group("containers")
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
    with Owner(owners) as mine, box(engine, mine) as alive:
        assert sweep(engine, owners) == 1
        assert alive.run(["true"]).code == 0
        assert sweep(engine, owners) == 0
        assert sweep(engine, owners, owner=mine.id) == 1
        assert processes(alive.id) == []
    assert list(owners.iterdir()) == []


def test_a_killed_service_is_the_engines_failure_and_leaves_nothing_for_long(
    podman: Podman, engine: Engine, owner: Owner
) -> None:
    with failing_connections(), podman.serve("short.sock") as service, podman.connect("short.sock") as failing:
        lost = box(failing, owner)
        with lost:
            later = threading.Timer(1, service.kill)
            later.start()
            with pytest.raises(SandboxFailed):
                lost.run(["sleep", "60"])
            later.join()
            assert lost.ended is None
        # It could not be removed without the service; the owner's next box, or a sweep, does that.
        assert left(engine, owner) == [lost.id]
        with box(engine, owner) as other:
            assert left(engine, owner) == [other.id]
        assert processes(lost.id) == []
        assert sweep(engine, owner.folder, owner=owner.id) == 0


def test_volumes_that_an_image_asks_for_go_with_the_container(engine: Engine, owner: Owner) -> None:
    made = engine.client.containers.create(IMAGE, ["true"])
    image = made.commit("localhost/volume", "1", changes="VOLUME /data")
    made.remove()
    with Box(engine, owner, image.id, Limits(memory_gib=0.25), trial="t") as mine:
        assert mine.run(["touch", "/data/x"]).code == 0
    assert engine.client.volumes.list() == []
    with Box(engine, owner, image.id, Limits(memory_gib=0.25), trial="t"):
        assert sweep(engine, owner.folder, owner=owner.id) == 1
    assert engine.client.volumes.list() == []
    engine.client.images.remove("localhost/volume:1")
