"""Where trials are made, on a machine without an engine."""

from pathlib import Path

import pytest

from harness.agentic import ray_spread
from harness.errors import UsageError
from harness.runner.trying import Workplace, get_ready, spread


@pytest.fixture(autouse=True)
def no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'absent.sock'}")


def test_the_head_of_a_cluster_needs_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_spread, "find_spec", lambda name: name)
    assert get_ready([], Workplace(ray="192.0.2.1:6379"), print) is None
    assert get_ready([], Workplace(3, ray="192.0.2.1:6379"), print) == 3
    for ray in (None, ""):
        with pytest.raises(UsageError, match="No container engine answers"):
            get_ready([], Workplace(ray=ray), print)


def test_a_cluster_is_refused_before_anything_is_asked_where_ray_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ray_spread, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"Ray is not installed; .*pip install .*\[ray\]"):
        get_ready([], Workplace(ray="192.0.2.1:6379"), print)


def test_leaving_the_workers_fails_for_no_engine_that_is_gone() -> None:
    with spread(Workplace(), 2) as workers:
        assert workers.sandboxes == 2
