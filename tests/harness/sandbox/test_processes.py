import os
from pathlib import Path

import pytest

from harness.sandbox.processes import end_command, memory_events, memory_kills


def test_nothing_outside_of_the_container_is_ended() -> None:
    assert not end_command(os.getpid(), "no-such-container")


@pytest.mark.parametrize(
    ("counts", "kills"),
    [
        ("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n", 2),
        ("low 0\nhigh 0\nmax 7\noom 3\noom_kill 3\noom_group_kill 0\n", 3),
        ("oom_kill_disable 0\nunder_oom 0\n", 0),
    ],
    ids=["cgroup v1", "cgroup v2", "an old kernel"],
)
def test_kills_are_counted(tmp_path: Path, counts: str, kills: int) -> None:
    (tmp_path / "events").write_text(counts)
    assert memory_kills(tmp_path / "events") == kills


def test_a_group_that_is_gone_counts_nothing(tmp_path: Path) -> None:
    assert memory_kills(tmp_path / "none") == 0
    assert memory_kills(None) == 0
    assert memory_events(999999999) is None
