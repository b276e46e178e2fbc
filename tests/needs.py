"""What a test does when something it needs is not on this machine."""

import os
import shutil
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip the calling test, or file of tests; where nothing may be skipped (``LONGCAT_REPRO_CI=1``), fail it."""
    if os.environ.get("LONGCAT_REPRO_CI") == "1":
        pytest.fail(f"must run here: {reason}", pytrace=False)
    pytest.skip(reason, allow_module_level=True)


def module(name: str) -> Any:
    """Import a module of a package that only these tests need; skips the calling file of tests without it."""
    package(name.partition(".")[0])
    return import_module(name)


def package(name: str) -> None:
    """Skip the calling file of tests without a package that its tests use, which is not imported yet."""
    if find_spec(name) is None:
        missing(f"the package {name.replace('_', '-')} is not installed")


def chromium() -> str:
    """The path of a Chromium for Playwright to drive; skips the test without one (Debian: chromium-headless-shell).

    The shell is Chromium without its windows and menus, which take twice as long as the pages.
    """
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        missing("no chromium on PATH: a page can only be tested in a browser")
    return found


def long_run() -> None:
    """Skip what costs much and shows again what a shorter test shows, unless ``LONGCAT_REPRO_LONG=1``."""
    if os.environ.get("LONGCAT_REPRO_LONG") != "1":
        pytest.skip("one of the long tests: set LONGCAT_REPRO_LONG=1")
