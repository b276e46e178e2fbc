"""What is dear to make and shared by test processes."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """What ``make`` returned for a new folder: the first test process to ask makes it, all others wait for it."""
    shared = factory.getbasetemp().parent if os.environ.get("PYTEST_XDIST_WORKER") else factory.getbasetemp()
    root, done = shared / name, shared / f"{name}.done"
    with FileLock(shared / f"{name}.lock"):
        if not done.exists():
            root.mkdir()
            with ThreadPoolExecutor(1) as thread:  # which has no event loop of a browser's
                done.write_text(str(thread.submit(make, root).result()))
    return Path(done.read_text())
