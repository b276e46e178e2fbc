from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.sandbox import Owner


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Owner]:
    with Owner(tmp_path / "owners") as mine:
        yield mine
