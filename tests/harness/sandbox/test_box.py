"""Commands and files in real containers, and that nothing is left of them."""

from pathlib import Path

import pytest

from harness.sandbox import Box, Engine, Mount, Owner, SandboxFailed
from tests.harness.sandbox.boxes import SMALL, box, left, processes

pytestmark = pytest.mark.xdist_group("containers")


def test_a_command_runs_and_nothing_is_left(engine: Engine, owner: Owner, tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("from this machine")
    with box(engine, owner, mounts=[Mount(tmp_path / "tool", "/opt/tool")], environment={"GREETING": "hello"}) as mine:
        mine.put("/testbed/said.sh", b'echo "$GREETING $NAME from $PWD"; cat /opt/tool; exit 3\n', 0o755)
        ran = mine.run(["bash", "/testbed/said.sh"], folder="/tmp", environment={"NAME": "you"})
        assert (ran.code, ran.text, ran.ended, ran.cut) == (3, "hello you from /tmp\nfrom this machine", None, False)
        assert not ran.timed_out
        assert mine.get("/testbed/said.sh", most=4) == b"echo"
        assert mine.get("/testbed/none") is None
        assert mine.get("/testbed") is None
        assert mine.run(["bash", "-c", "echo x > /opt/tool"]).code != 0
        assert mine.run(["hostname"]).text == "box\n"
        assert mine.run(["printf", r"\377\000a"]).output == b"\xff\x00a"
        assert (tmp_path / "tool").read_text() == "from this machine"
        assert left(engine, owner) == [mine.id]
        assert mine.pid1 in processes(mine.id)
    assert left(engine, owner) == []
    assert processes(mine.id) == []


def test_a_command_ends_with_its_own_process(engine: Engine, owner: Owner) -> None:
    with box(engine, owner) as mine:
        # Neither does a process in the background that holds the output hold it up, nor a closed output end it.
        ran = mine.run(["bash", "-c", "sleep 100 & echo early; exit 4"], seconds=60)
        assert (ran.code, ran.text, ran.timed_out) == (4, "early\n", False)
        ran = mine.run(["bash", "-c", "exec >&- 2>&-; sleep 0.5; exit 5"])
        assert (ran.code, ran.text) == (5, "")
        # Processes whose parents are dead are not left as zombies, which would count against the limit.
        assert mine.run(["bash", "-c", "for i in 1 2 3; do (setsid sleep 0.01 &); done; sleep 0.3"]).code == 0
        assert mine.run(["bash", "-c", "ps -eo stat | grep -c Z"]).text == "0\n"


def test_a_command_out_of_time_is_ended_with_all_it_started_and_the_box_goes_on(engine: Engine, owner: Owner) -> None:
    with box(engine, owner) as mine:
        assert mine.run(["bash", "-c", "setsid sleep 77 >/dev/null 2>&1 &"]).code == 0
        code = "trap '' TERM INT HUP; echo begun; (sleep 88 &); while true; do sleep 1; done"
        ran = mine.run(["bash", "-c", code], seconds=1)
        assert (ran.code, ran.text, ran.timed_out, ran.ended) == (None, "begun\n", True, None)
        # What an earlier command put into a session of its own is not this command's.
        assert mine.run(["bash", "-c", "ps -eo args | grep -E '^sleep (77|88)'"]).text == "sleep 77\n"
        assert mine.run(["bash", "-c", "exec >&- 2>&-; sleep 99"], seconds=0.5).timed_out
        assert mine.run(["yes"], seconds=0.5).output.startswith(b"y\ny\n")
        assert mine.ended is None


def test_a_command_that_cannot_be_started_has_a_shells_code(engine: Engine, owner: Owner) -> None:
    with box(engine, owner) as mine:
        assert mine.run(["no-such-program"]).code == 127
        assert mine.run(["true"], folder="/no/such/folder").code in (126, 127)


def test_an_image_that_is_not_here_is_the_engines_failure(engine: Engine, owner: Owner) -> None:
    wanted = Box(engine, owner, "localhost/none:1", SMALL, trial="toy/on/1#0")
    with pytest.raises(SandboxFailed, match="toy/on/1#0: the container could not be started"), wanted:
        pass
    assert left(engine, owner) == []


@pytest.mark.parametrize("how", ["removed", "killed"])
def test_a_container_that_was_ended_from_this_machine_is_the_engines_failure(
    engine: Engine, owner: Owner, how: str
) -> None:
    with box(engine, owner) as mine:
        container = engine.client.containers.get(mine.id)
        if how == "removed":
            container.remove(force=True)
            for act in (lambda: mine.put("/tmp/a", b""), lambda: mine.get("/etc/passwd")):
                with pytest.raises(SandboxFailed, match="could not be"):
                    act()
        else:
            container.kill()
        with pytest.raises(SandboxFailed):
            mine.run(["true"])
        with pytest.raises(SandboxFailed, match="does not run"):
            mine.listen()
        assert mine.ended is None
    assert left(engine, owner) == []
