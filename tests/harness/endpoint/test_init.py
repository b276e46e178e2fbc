import subprocess
import sys

import pytest

import harness.endpoint


def test_the_public_names_are_there() -> None:
    assert harness.endpoint.__all__ == sorted(harness.endpoint.__all__)
    for name in harness.endpoint.__all__:
        assert getattr(harness.endpoint, name).__name__ == name


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="nothing_like_that"):
        _ = harness.endpoint.nothing_like_that


def test_naming_an_endpoint_loads_no_client() -> None:
    code = (
        "import sys; from harness.endpoint import Ask, Endpoint, Spend, current, read_key, resolve; "
        "resolve(endpoint='longcat'); print(sorted({'openai', 'aiohttp', 'tenacity'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
