import os
import platform
import socket
from pathlib import Path
from typing import Any

import pytest

from harness.agentic.machine import free_gib, look, no_way_in
from tests.containers import Podman

LINUX_ONLY = pytest.mark.skipif(platform.system() != "Linux", reason="only Linux has network namespaces")
HERE: dict[str, Any] = {"Name": socket.gethostname()}


def test_without_an_engine_it_says_what_was_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'absent.sock'}")
    machine = look()
    assert machine.engine is None
    assert machine.lack


@LINUX_ONLY
@pytest.mark.parametrize(
    ("address", "info", "says"),
    [
        ("tcp://10.0.0.1:2375", HERE, "on another machine"),
        ("unix:///run/docker.sock", {"Name": "elsewhere"}, "the engine calls its machine 'elsewhere'"),
    ],
)
def test_containers_of_another_machine_cannot_be_entered(address: str, info: dict[str, Any], says: str) -> None:
    assert says in no_way_in(address, info, 0)


@LINUX_ONLY
def test_a_user_enters_only_a_rootless_engines_networks() -> None:
    rootless = HERE | {"SecurityOptions": ["name=rootless"]}
    assert no_way_in("unix:///run/docker.sock", HERE, 1000) == "the engine is root's and this process is not"
    assert no_way_in("unix:///run/docker.sock", rootless, 1000) == ""


def test_disk_that_cannot_be_seen_is_unknown(tmp_path: Path) -> None:
    assert free_gib(tmp_path / "absent") is None
    assert (free_gib(tmp_path) or 0) > 0


@pytest.mark.xdist_group("containers")
def test_an_engine_is_described_as_it_is(podman: Podman, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", podman.address)
    machine = look()
    assert machine.engine is not None
    assert (machine.engine.name, machine.engine.strict_cpus) == ("podman", False)
    assert machine.engine.address == podman.address
    assert machine.engine.storage == str(podman.folder / "storage")
    assert (machine.engine.free_gib or 0) > 0
    assert machine.engine.room.cpus == os.cpu_count()
    assert machine.engine.no_way_in == ""
