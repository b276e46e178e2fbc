"""A Chromium for each file of tests, and the sites it looks at."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.report.site import write_site
from tests.browser.making import toy_run
from tests.data import real_data
from tests.needs import chromium, module
from tests.once import once
from tests.place import Place

if TYPE_CHECKING:
    from tests.browser.watching import Watched


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser; no longer than a file of tests, for while it is open nothing else can run an event loop here."""
    path = chromium()
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with module("playwright.sync_api").sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def watched(browser: Any) -> "Iterator[Watched]":
    """Opens pages, and fails the test if one of them did anything that no page of a report may do."""
    from tests.browser.watching import Watched

    made = Watched(browser)
    yield made
    made.close()
    assert made.wrongs == []


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a run with three tasks and 10,700 samples: plain, hostile, and redacted."""
    return once(tmp_path_factory, "toy-site", lambda root: write_site([toy_run(root)], root / "site").parent)


@pytest.fixture(scope="session")
def real_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of GPT-4's recorded replies to IFEval."""
    replies = real_data("ifeval/input_response_data_gpt4_20231107_145030.jsonl")

    def make(root: Path) -> Path:
        place = Place(root)
        done = place("import", "ifeval", replies, "--run-id", "gpt4", "--data-dir", replies.parents[1])
        assert done.code == 0, done.text
        return place.reports / "gpt4"

    return once(tmp_path_factory, "real-site", make)
