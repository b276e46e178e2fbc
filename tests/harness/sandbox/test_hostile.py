"""Programs that mean harm, in real containers: contained, told apart, and gone afterwards."""

from pathlib import Path

import pytest

from harness.sandbox import Engine, Limits, Owner, SandboxFailed
from tests.harness.sandbox.boxes import box, left, processes

pytestmark = pytest.mark.xdist_group("containers")


def test_a_fork_bomb_meets_the_limit_of_processes(engine: Engine, owner: Owner) -> None:
    with box(engine, owner) as mine:
        assert mine.run(["bash", "-c", "f() { f | f & }; f; sleep 60"], seconds=1.5).timed_out
        # The killed ones are counted until the kernel and the first process have taken leave of them.
        wait = "until [ $(ps -e --no-headers | wc -l) -lt 10 ]; do sleep 0.1; done"
        assert mine.run(["bash", "-c", wait], seconds=30).code == 0
        # One that leaves its session takes all the room there is, and goes with the box.
        mine.run(["bash", "-c", "setsid bash -c 'f() { f | f & }; f' >/dev/null 2>&1 & sleep 1"], seconds=5)
        assert len(processes(mine.id)) <= 64
    assert processes(mine.id) == []
    assert left(engine, owner) == []


def test_a_full_disk_ends_the_box(engine: Engine, owner: Owner) -> None:
    fill = "i=0; while true; do head -c 10000000 /dev/zero > /testbed/$i; i=$((i + 1)); sleep 0.05; done"
    with box(engine, owner) as mine:
        ran = mine.run(["bash", "-c", fill])
        assert (ran.code, ran.ended, mine.ended) == (None, "disk", "disk")
        assert mine.run(["true"]).ended == "disk"
    assert left(engine, owner) == []


def test_ten_gib_of_memory_end_the_program_and_not_the_box(engine: Engine, owner: Owner) -> None:
    allocate = "x = [bytearray(1 << 20) for _ in range(10 << 10)]"
    with box(engine, owner) as mine:
        assert not mine.out_of_memory
        assert mine.run(["python3", "-c", "x = bytearray(10 << 30)"]).code not in (0, None)
        assert mine.run(["python3", "-c", allocate]).code == 137
        assert mine.out_of_memory
        assert mine.run(["true"]).code == 0
        assert mine.ended is None
        # A program may have the box's first process killed in its stead; the box has ended for lack of memory then.
        code = f"import os; open('/proc/1/oom_score_adj', 'w').write('1000'); os.fork(); os.fork()\n{allocate}"
        ran = mine.run(["python3", "-c", code])
        assert (ran.code, ran.ended, mine.out_of_memory) == (None, "memory", True)
    assert left(engine, owner) == []


def test_the_boxs_time_ends_what_ignores_every_signal(engine: Engine, owner: Owner) -> None:
    with box(engine, owner, Limits(cpus=1, memory_gib=0.25, seconds=2)) as mine:
        ran = mine.run(["bash", "-c", "trap '' TERM INT HUP; while true; do sleep 1; done"])
        assert (ran.code, ran.ended, ran.timed_out) == (None, "time", False)
    assert left(engine, owner) == []


def test_killing_every_process_ends_the_command_and_not_the_box(engine: Engine, owner: Owner) -> None:
    with box(engine, owner) as mine:
        assert mine.run(["bash", "-c", "kill -9 $$"]).code == 137
        assert mine.run(["bash", "-c", "for s in TERM INT HUP QUIT KILL; do kill -$s 1; kill -$s -1; done"]).code != 127
        assert mine.run(["echo", "here"]).text == "here\n"
        # Without a shell left to start, commands fail; it is the program's own doing, not the engine's.
        mine.run(["bash", "-c", "rm -rf /usr/bin /usr/lib"])
        assert mine.run(["bash", "-c", "true"]).code in (125, 126, 127)
        assert mine.ended is None
    assert left(engine, owner) == []


def test_a_fresh_box_has_the_images_files(engine: Engine, owner: Owner) -> None:
    with box(engine, owner) as mine:
        spoil = "echo spoilt | tee /etc/passwd /usr/bin/git /testbed/left; touch /tmp/left"
        assert mine.run(["bash", "-c", spoil]).code == 0
    with box(engine, owner) as fresh:
        assert fresh.run(["grep", "-r", "spoilt", "/etc", "/testbed", "/usr/bin/git"]).text == ""
        assert fresh.run(["ls", "/testbed", "/tmp"]).text == "/testbed:\n\n/tmp:\n"


def test_nothing_of_this_machine_can_be_read(
    engine: Engine, owner: Owner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-of-this-machine")
    (tmp_path / "secret").write_text("sk-of-this-machine")
    look = (
        "env; cat /proc/*/environ /proc/*/cmdline; cat /proc/kcore | head -c 10; cat /dev/mem;"
        f"cat {tmp_path}/secret /proc/*/root{tmp_path}/secret; ls /dev; cat /proc/mounts"
    )
    with box(engine, owner) as mine:
        ran = mine.run(["bash", "-c", look])
        assert "sk-of-this-machine" not in ran.text
        assert "docker.sock" not in ran.text
        assert "podman.sock" not in ran.text
        assert "vda\n" not in ran.text
        assert int(mine.run(["bash", "-c", "ps -e --no-headers | wc -l"]).text) < 10


def test_capabilities_are_dropped(engine: Engine, owner: Owner) -> None:
    with box(engine, owner) as mine:
        assert mine.run(["mount", "-t", "tmpfs", "none", "/mnt"]).code != 0
        assert mine.run(["unshare", "--net", "true"]).code != 0
        assert mine.run(["bash", "-c", "touch /etc/x && chown 12:34 /etc/x && stat -c %u:%g /etc/x"]).text == "12:34\n"
        assert mine.run(["cat", "/proc/1/status"]).text.count("NoNewPrivs:\t1") == 1


def test_what_is_read_out_of_a_box_is_a_file_of_the_box(engine: Engine, owner: Owner, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of this machine")
    tricks = (
        f"cd /tmp; ln -s {tmp_path}/secret link; ln -s {tmp_path} folder; ln -s ../../../../../../..{tmp_path} up;"
        "ln -s loop loop; mkfifo pipe; truncate -s 100M huge; mknod null c 1 3; ln /etc/passwd hard; echo it > file"
    )
    with box(engine, owner) as mine:
        mine.run(["bash", "-c", tricks])
        for name in ("link", "folder/secret", "up/secret", "loop", "pipe", "null", "folder"):
            assert mine.get(f"/tmp/{name}") is None
        assert mine.get("/tmp/huge", most=3) == b"\0\0\0"
        assert mine.get("/tmp/file") == b"it\n"
        # The connection was given up in the middle of a file; the next requests are answered.
        assert mine.run(["true"]).code == 0


def test_what_is_written_into_a_box_stays_in_it(engine: Engine, owner: Owner, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("of this machine")
    tricks = (
        f"mkdir -p /tests {tmp_path}; ln -s {tmp_path}/mine /tests/file; ln -s {tmp_path} /tests/folder;"
        f"ln -s ../../../../../../..{tmp_path} /tests/up; ln -s /etc/passwd /tests/link"
    )
    with box(engine, owner) as mine:
        mine.run(["bash", "-c", tricks])
        for name in ("file", "folder/mine", "folder/new", "up/mine", "link"):
            mine.put(f"/tests/{name}", b"of the harness")
        assert mine.run(["cat", "/tests/file", "/tests/link"]).text == "of the harness" * 2
        assert mine.run(["grep", "-c", "harness", "/etc/passwd"]).text == "0\n"
    assert [each.name for each in tmp_path.iterdir() if each.name != "owners"] == ["mine"]
    assert (tmp_path / "mine").read_text() == "of this machine"


@pytest.mark.parametrize("name", ["passwd", "group"])
def test_a_pipe_in_place_of_a_list_of_users_ends_the_box_and_hangs_nothing(
    engine: Engine, owner: Owner, name: str
) -> None:
    bend = ["bash", "-c", f"echo it > /tmp/file; rm /etc/{name}; mkfifo /etc/{name}"]
    with box(engine, owner) as mine:
        assert mine.run(bend).code == 0
        assert mine.get("/tmp/file") is None
        assert mine.ended == "crashed"
    with box(engine, owner) as mine:
        assert mine.run(bend).code == 0
        with pytest.raises(SandboxFailed, match="could not be written: the container has ended"):
            mine.put("/tmp/file", b"mine")
        assert mine.run(["true"]).ended == "crashed"
    assert left(engine, owner) == []
