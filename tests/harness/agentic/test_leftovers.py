"""What threads that nobody waits for leave running is gone when their trials are over."""

import threading
from contextlib import suppress
from pathlib import Path

import pytest

from harness.agentic.leftovers import sweep_dead, sweep_own
from harness.agentic.place import place
from harness.agentic.terms import Trial
from harness.contract import TrialArm
from harness.sandbox import Engine, Limits, SandboxFailed, owner_of_this_process
from tests.containers import IMAGE, Podman
from tests.harness.sandbox.boxes import box, left

pytestmark = pytest.mark.xdist_group("containers")
TRIAL = Trial("toy", TrialArm(scaffold="gold"), Limits(1, 0.25, 64, 0.125), 60.0, 60.0, 10.0)


def test_containers_of_this_process_are_gone_and_no_more_are_made(
    podman: Podman, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", podman.address)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert sweep_own(engine) == 0
    begun = threading.Event()

    def work() -> None:
        with suppress(SandboxFailed), place(IMAGE, TRIAL, 60.0) as here:
            begun.set()
            here.box.run(["sleep", "50"])

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert begun.wait(60)
    owner = owner_of_this_process()
    with place(IMAGE, TRIAL, 60.0) as here:
        assert len(left(engine, owner)) == 2
        assert sweep_dead(engine) == 0
        assert here.box.run(["true"]).code == 0
    assert sweep_own(engine) == 1
    thread.join(30)
    assert not thread.is_alive()
    with pytest.raises(SandboxFailed, match="the run is over"), box(engine, owner):
        pass
    assert left(engine, owner) == []
    with place(IMAGE, TRIAL, 60.0) as here:
        assert here.box.run(["true"]).code == 0
    assert sweep_own(engine) == 0
