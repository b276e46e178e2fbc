"""Images pulled from a stand-in registry, and removed again to a limit of disk."""

import json
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.sandbox import Engine, ImageUnavailable, SandboxFailed, ensure, evict
from harness.sandbox.images import KEPT_S
from harness.sandbox.owner import LABEL
from tests.containers import IMAGE, Podman, failing_connections
from tests.harness.sandbox.registry import Registry, registry

pytestmark = pytest.mark.xdist_group("containers")
MIB = 1024**2
GIB = 1024**3


@pytest.fixture
def served(podman: Podman) -> Iterator[Registry]:
    with registry(podman.registry) as running:
        yield running


def aged(folder: Path, image: str) -> None:
    """As if the image had been asked for longer ago, and longer still with each call."""
    file = folder / "images" / "pulled.json"
    every = json.loads(file.read_text())
    for mine in every.values():
        mine[image]["used"] -= KEPT_S * 2
    file.write_text(json.dumps(every))


def here(engine: Engine, *images: str) -> list[bool]:
    tags = {tag for each in engine.client.images.list() for tag in each.tags}
    return [image in tags for image in images]


def test_an_image_is_pulled_once_and_known_by_its_digest(engine: Engine, served: Registry, tmp_path: Path) -> None:
    image = served.push("once", MIB)
    found = ensure(engine, image, folder=tmp_path)
    repository, _, digest = found.partition("@")
    assert (repository, digest[:7]) == (f"{served.address}/once", "sha256:")
    asked = len(served.pulls)
    assert ensure(engine, image, folder=tmp_path) == found
    assert len(served.pulls) == asked
    engine.client.images.remove(image)


def test_the_least_recently_used_go_first_and_only_what_was_pulled(
    engine: Engine, served: Registry, tmp_path: Path
) -> None:
    names = [served.push(f"part{n}", 4 * MIB) for n in range(5)]
    mine, first, in_use, second, last = names
    engine.client.api.pull(mine)
    for image in (mine, first, in_use, second):
        ensure(engine, image, folder=tmp_path)
    for image in (second, first, first, in_use, in_use, in_use):
        aged(tmp_path, image)
    container = engine.client.containers.create(in_use, labels={LABEL: "test"})
    # Four were pulled, of 4 MiB each; three may stay.
    ensure(engine, last, most_gib=13 * MIB / GIB, folder=tmp_path)
    assert here(engine, *names) == [True, False, True, True, True]
    # What was asked for just now stays even beyond the limit, as do what has a container and what was here before.
    again = ensure(engine, first, most_gib=MIB / GIB, folder=tmp_path)
    assert again.startswith(f"{served.address}/part1@")
    assert here(engine, *names) == [True, True, True, False, True]
    container.remove()
    aged(tmp_path, last)
    assert evict(engine, 13 * MIB / GIB, tmp_path) == []
    assert evict(engine, 9 * MIB / GIB, tmp_path) == [in_use]
    assert here(engine, *names) == [True, True, False, False, True]
    for image in (mine, first, last):
        engine.client.images.remove(image)


def test_one_that_was_here_before_is_never_recorded(engine: Engine, tmp_path: Path) -> None:
    assert "sha256:" in ensure(engine, IMAGE, most_gib=0.001, folder=tmp_path)
    assert here(engine, IMAGE) == [True]
    known = {f"{platform.node()} {engine.address}": {}}
    assert json.loads((tmp_path / "images" / "pulled.json").read_text()) == known


def test_the_registrys_words_are_passed_on(engine: Engine, served: Registry, tmp_path: Path) -> None:
    with pytest.raises(ImageUnavailable, match=r"none:1 is not here and could not be pulled: .*manifest unknown"):
        ensure(engine, f"{served.address}/none:1", folder=tmp_path)


def test_a_limit_of_pulls_is_explained(engine: Engine, served: Registry, tmp_path: Path) -> None:
    image = served.push("limited", MIB)
    served.spent = True
    with pytest.raises(ImageUnavailable, match=r"(?s)too ?many ?requests.*docker login"):
        ensure(engine, image, folder=tmp_path)


def test_an_engine_that_is_gone_is_no_missing_image(podman: Podman, tmp_path: Path) -> None:
    with failing_connections(), podman.serve("short.sock") as service, podman.connect("short.sock") as engine:
        service.kill()
        service.wait()
        engine.client.close()
        with pytest.raises(SandboxFailed, match=IMAGE):
            ensure(engine, IMAGE, folder=tmp_path)


def test_an_engine_is_not_asked_for_images_where_there_is_room(tmp_path: Path) -> None:
    assert evict(Engine("unix:///absent", None), 0.001, tmp_path) == []
