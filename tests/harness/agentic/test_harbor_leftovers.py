"""What a killed trial leaves is made here by hand: a compose project's container and network, and a folder."""

import json
import tempfile
from pathlib import Path

import pytest

from harness.agentic.harbor_leftovers import PREFIX, PROJECT, remove, sweep_harbor
from harness.sandbox import Engine, Owner
from tests.containers import IMAGE

pytestmark = pytest.mark.xdist_group("containers")


def leave(engine: Engine, owner: str) -> Path:
    project = f"{PREFIX}{owner}__env"
    labels = {PROJECT: project}
    engine.client.containers.create(IMAGE, ["true"], name=f"{project}_main_1", labels=labels)
    engine.client.volumes.create(f"{project}_data", labels=labels)
    folder = Path(tempfile.gettempdir(), f"{PREFIX}{owner}")
    folder.mkdir()
    (folder / "limits.json").write_text(json.dumps({}))
    return folder


def left(engine: Engine) -> set[str]:
    client = engine.client
    found = [*client.containers.list(all=True), *client.volumes.list()]
    return {each.name for each in found if each.name.startswith(PREFIX)}


def test_what_dead_trials_left_is_removed_and_what_is_in_use_is_not(engine: Engine, tmp_path: Path) -> None:
    dead, alive = Owner(tmp_path), Owner(tmp_path)
    with alive:
        gone, kept = leave(engine, dead.id), leave(engine, alive.id)
        assert len(left(engine)) == 4
        assert sweep_harbor(engine, tmp_path) >= 1
        assert left(engine) == {f"{PREFIX}{alive.id}__env_main_1", f"{PREFIX}{alive.id}__env_data"}
        assert (gone.exists(), kept.exists()) == (False, True)
        remove(engine, alive.id)
    assert (left(engine), kept.exists()) == (set(), False)
