"""Real containers: what an agent's program may do, and that nothing is left of it."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.sandbox import Box, Engine, Limits, Mount, Owner
from harness.sandbox.box import SandboxFailed
from harness.sandbox.netns import NoWayIn, listen
from harness.sandbox.owner import LABEL
from tests.containers import IMAGE

SMALL = Limits(cpus=1, memory_gib=0.25, pids=64, disk_gib=0.125, seconds=120)


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Owner]:
    with Owner(tmp_path / "owners") as mine:
        yield mine


def box(engine: Engine, owner: Owner, limits: Limits = SMALL, **other: Any) -> Box:
    return Box(engine, owner, IMAGE, limits, trial="toy/on/1#0", **other)


def left(engine: Engine, owner: Owner) -> list[str]:
    mine = {"label": f"{LABEL}={owner.id}"}
    return [each.id for each in engine.client.containers.list(all=True, filters=mine, ignore_removed=True)]


def python(code: str) -> list[str]:
    return ["python3", "-c", code]


def test_a_command_runs_and_nothing_is_left(engine: Engine, owner: Owner, tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("from this machine")
    with box(engine, owner, mounts=[Mount(tmp_path / "tool", "/opt/tool")], environment={"GREETING": "hello"}) as mine:
        mine.put("/testbed/said.sh", b'echo "$GREETING $NAME from $PWD"; cat /opt/tool; exit 3\n', 0o755)
        ran = mine.run(["bash", "/testbed/said.sh"], folder="/tmp", environment={"NAME": "you"})
        assert (ran.code, ran.text, ran.ended, ran.cut) == (3, "hello you from /tmp\nfrom this machine", None, False)
        assert mine.get("/testbed/said.sh", most=4) == b"echo"
        assert mine.get("/testbed/none") is None
        assert mine.get("/testbed") is None
        refused = mine.run(["bash", "-c", "echo x > /opt/tool"])
        assert refused.code != 0
        assert len(left(engine, owner)) == 1
    assert left(engine, owner) == []


def test_output_that_is_no_text_comes_back_as_it_is(engine: Engine, owner: Owner) -> None:
    with box(engine, owner) as mine:
        assert mine.run(["printf", r"\377\000a"]).output == b"\xff\x00a"


def test_memory_beyond_the_limit_ends_the_program_and_not_the_box(engine: Engine, owner: Owner) -> None:
    with box(engine, owner) as mine:
        assert mine.run(python("x = bytearray(1 << 30)")).code == 137
        assert mine.run(["true"]).code == 0


def test_a_fork_bomb_meets_the_limit_of_processes(engine: Engine, owner: Owner) -> None:
    bomb = "import os\nn = 0\ntry:\n  while True:\n    if os.fork() == 0: os.execvp('sleep', ['sleep', '60'])\n"
    code = f"{bomb}    n += 1\n"
    with box(engine, owner) as mine:
        ran = mine.run(python(f"{code}except OSError: print('stopped after', n < 64)"))
        assert ran.text == "stopped after True\n"


def test_a_full_disk_ends_the_box(engine: Engine, owner: Owner) -> None:
    fill = "i=0; while true; do head -c 10000000 /dev/zero > /testbed/$i; i=$((i + 1)); sleep 0.05; done"
    with box(engine, owner) as mine:
        ran = mine.run(["bash", "-c", fill])
        assert (ran.code, ran.ended, mine.ended) == (None, "disk", "disk")
    assert left(engine, owner) == []


def test_time_ends_the_box_also_after_its_shells_were_killed(engine: Engine, owner: Owner) -> None:
    with box(engine, owner, Limits(cpus=1, memory_gib=0.25, seconds=3)) as mine:
        ran = mine.run(["bash", "-c", "trap '' TERM INT HUP; while true; do sleep 1; done"])
        assert (ran.code, ran.ended) == (None, "time")
        assert ran.seconds >= 2.5
    assert left(engine, owner) == []


def test_the_program_has_no_network(engine: Engine, owner: Owner) -> None:
    with box(engine, owner) as mine:
        ran = mine.run(["bash", "-c", "tail -n +3 /proc/net/dev | wc -l"])
        assert ran.text.strip() == "1"


def test_only_what_listens_for_the_box_can_be_reached_from_it(engine: Engine, owner: Owner) -> None:
    with box(engine, owner) as mine, mine.listen() as here, socket.create_server(("127.0.0.1", 0)) as outside:
        port, other = here.getsockname()[1], outside.getsockname()[1]
        answering = threading.Thread(target=lambda: answer(here))
        answering.start()
        assert mine.run(["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}; cat <&3"]).text == "here"
        answering.join()
        if other != port:
            assert mine.run(["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{other}"]).code != 0


def answer(listening: socket.socket) -> None:
    with listening.accept()[0] as connection:
        connection.sendall(b"here")


def test_a_process_that_is_not_here_cannot_be_entered() -> None:
    with pytest.raises(NoWayIn, match=r"process 999999999 cannot be entered: .*No such file"):
        listen(999999999)


def test_capabilities_are_dropped(engine: Engine, owner: Owner) -> None:
    with box(engine, owner) as mine:
        assert mine.run(["mount", "-t", "tmpfs", "none", "/mnt"]).code != 0
        assert mine.run(["bash", "-c", "touch /etc/x && chown 12:34 /etc/x && stat -c %u:%g /etc/x"]).text == "12:34\n"
        assert mine.run(["cat", "/proc/1/status"]).text.count("NoNewPrivs:\t1") == 1


def test_an_image_that_is_not_here_is_the_engines_failure(engine: Engine, owner: Owner) -> None:
    wanted = Box(engine, owner, "localhost/none:1", SMALL, trial="toy/on/1#0")
    with pytest.raises(SandboxFailed, match="toy/on/1#0: the container could not be started"), wanted:
        pass
    assert left(engine, owner) == []


def test_a_container_that_was_taken_away_is_the_engines_failure(engine: Engine, owner: Owner) -> None:
    with box(engine, owner) as mine:
        engine.client.containers.get(left(engine, owner)[0]).remove(force=True)
        with pytest.raises(SandboxFailed):
            mine.run(["true"])
        with pytest.raises(SandboxFailed, match="could not be written"):
            mine.put("/tmp/a", b"")
        assert mine.ended is None
