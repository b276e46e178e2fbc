import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from harness.endpoint.local.model import FETCH, MODEL_SHA256, Model, default_model_path, engine_installed
from harness.endpoint.local.process import LocalServer
from harness.sandbox.engine import Engine
from tests.containers import Podman, need_engine
from tests.instances import INSTANCES, build
from tests.needs import missing
from tests.once import once
from tests.place import Place

settings.register_profile("longcat", deadline=None)
settings.load_profile("longcat")


DEAR = ("browser", "local_server", "wheel", "gpt4", "runs", "shares", "board", "pair", "made", "site")
"""Shared fixtures that take seconds to make."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that share a dear fixture on one worker, which makes it once; pytest must have --dist loadgroup."""
    for item in items:
        for name in (name for name in DEAR if name in getattr(item, "fixturenames", ())):
            where = item.path.stem if name in ("browser", "made", "site") else name
            item.add_marker(pytest.mark.xdist_group(where))
            break


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Results and reports of a test's own."""
    return Place(tmp_path)


@pytest.fixture(scope="session")
def local_model() -> Model:
    """SmolLM2 as ``longcat-repro local fetch`` left it, whatever model the user has chosen since."""
    path = default_model_path()
    if not engine_installed() or not path.is_file():
        missing(f"the local model is not here: {FETCH}")
    return Model(str(path), MODEL_SHA256, path.stat().st_size)


@pytest.fixture(scope="session")
def local_server(local_model: Model) -> Iterator[LocalServer]:
    """A server with one slot and one thread, so that greedy replies repeat; one for each test process."""
    with LocalServer.start(local_model, slots=1, context=4096, threads=1) as server:
        yield server


@pytest.fixture(scope="session")
def podman(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podman]:
    """A container engine with the base image and those of the instances, its service running; one for each process."""
    need_engine()
    images = once(tmp_path_factory, "images", _make_images)
    with _temporary_podman() as mine:
        mine.take(images)
        with mine.serve():
            yield mine


def _make_images(folder: Path) -> Path:
    with _temporary_podman() as mine:
        mine.load()
        build(mine, INSTANCES)
        return mine.give(folder)


@contextmanager
def _temporary_podman() -> Iterator[Podman]:
    # Podman takes no path longer than 50 characters, which pytest's own folders have in a process of many.
    mine = Podman(Path(tempfile.mkdtemp(prefix="podman-")))
    try:
        yield mine
    finally:
        mine.remove()


@pytest.fixture(scope="session")
def engine(podman: Podman) -> Iterator[Engine]:
    """The engine as the program connects to it."""
    with podman.connect() as found:
        yield found
