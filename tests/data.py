"""Where the tests find the real benchmark files."""

import os
from pathlib import Path

from tests.needs import missing

REPOSITORY = Path(__file__).resolve().parents[1]


def data_dir() -> Path:
    """The folder of benchmark data: ``LONGCAT_REPRO_DATA``, else ``shared/data`` beside the repository.

    Skips the calling test, with the reason, where neither is a folder.
    """
    named = os.environ.get("LONGCAT_REPRO_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        where = f"LONGCAT_REPRO_DATA={named}" if named else "shared/data beside the repository"
        missing(f"the real benchmark data is not here: {where} is not a folder")
    return folder


def real_data(name: str) -> Path:
    """The path of the real data file ``name``, such as ``ifeval/input_data.jsonl``; skips the test without it."""
    path = data_dir() / name
    if not path.exists():
        missing(f"the real benchmark data is not here: no {name} under the data directory")
    return path
