"""What a test does when something it needs is not on this machine."""

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip the calling test; where nothing may be skipped (``LONGCAT_REPRO_CI=1``), fail it."""
    if os.environ.get("LONGCAT_REPRO_CI") == "1":
        pytest.fail(f"must run here: {reason}", pytrace=False)
    pytest.skip(reason)
