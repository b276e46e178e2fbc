"""What a killed trial leaves is made here by hand: a compose project's container and network, and a folder."""

import json
from pathlib import Path

import pytest

from harness.agentic.harbor_leftovers import PREFIX, PROJECT, named, remove, sweep_harbor
from harness.sandbox import Engine, Owner
from tests.containers import IMAGE

pytestmark = pytest.mark.xdist_group("containers")


def leave(engine: Engine, locks: Path, name: str) -> Path:
    project = f"{name}__env"
    labels = {PROJECT: project}
    engine.client.containers.create(IMAGE, ["true"], name=f"{project}_main_1", labels=labels)
    engine.client.volumes.create(f"{project}_data", labels=labels)
    folder = locks / name
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
        gone, kept, done = named(dead.id), named(alive.id), named(alive.id)
        folders = [leave(engine, tmp_path, name) for name in (gone, kept, done)]
        assert len(left(engine)) == 6
        assert sweep_harbor(engine, tmp_path / "another") == 0
        assert sweep_harbor(engine, tmp_path) == 1
        remove(engine, alive.id, done, tmp_path)
        assert left(engine) == {f"{kept}__env_main_1", f"{kept}__env_data"}
        assert [each.exists() for each in folders] == [False, True, False]
        remove(engine, alive.id, folder=tmp_path)
    assert (left(engine), folders[1].exists()) == (set(), False)
