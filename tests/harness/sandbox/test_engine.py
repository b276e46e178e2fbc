from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.sandbox import Engine, Limits
from harness.sandbox.engine import EngineUnavailable, candidates
from tests.containers import IMAGE, Podman


def test_the_engine_that_docker_host_names_comes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://10.0.0.1:2375")
    assert list(candidates()) == ["tcp://10.0.0.1:2375"]


def test_a_users_own_sockets_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "podman").mkdir()
    (tmp_path / "podman" / "podman.sock").touch()
    assert f"unix://{tmp_path}/podman/podman.sock" in list(candidates())


def test_without_an_engine_the_error_says_what_was_tried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(EngineUnavailable, match=r"(?s)none\.sock.*Start Docker, or podman") as caught:
        Engine.connect()
    assert isinstance(caught.value, UsageError)


@pytest.mark.xdist_group("containers")
def test_podman_answers_as_docker_does(podman: Podman, engine: Engine) -> None:
    assert engine.address == podman.address
    assert engine.architecture in ("amd64", "arm64")
    assert engine.digest(IMAGE).startswith(("sha256:", "localhost/"))
    assert "sha256:" in engine.digest(IMAGE)
    with pytest.raises(EngineUnavailable, match="localhost/none:1"):
        engine.digest("localhost/none:1")


@pytest.mark.parametrize("name", ["cpus", "memory_gib", "pids", "disk_gib", "seconds"])
def test_limits_are_positive(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Limits(**{name: 0})
    assert (Limits(cpus=0.5).nano_cpus, Limits(memory_gib=0.5).memory_bytes) == (500_000_000, 2**29)
