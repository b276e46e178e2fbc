import json
import urllib.request
from pathlib import Path

import pytest

from harness.endpoint.local import as_fetched, fetch, serve
from harness.endpoint.local.model import MODEL_SHA256, Model
from harness.endpoint.profile import resolve
from harness.errors import UsageError


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No model is in use."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def smollm2_in_use(local_model: Model, own_cache: None, tmp_path: Path) -> None:
    file = tmp_path / "cache" / "longcat-repro" / "models" / Path(local_model.path).name
    file.parent.mkdir(parents=True)
    file.symlink_to(local_model.path)
    fetch(say=lambda _: None)


@pytest.fixture
def own_model_in_use(local_model: Model, own_cache: None, tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(b"GGUF")
    fetch(file, lambda _: None)


def test_other_endpoints_are_left_alone() -> None:
    profile = resolve(base_url="http://127.0.0.1:8000/v1", model="toy")
    assert as_fetched(profile) is profile
    with serve(profile, "key") as (served, key):
        assert served is profile
        assert key == "key"


def test_the_local_profile_gets_an_address_that_answers(smollm2_in_use: None) -> None:
    profile = as_fetched(resolve(endpoint="local"))
    assert profile.model == "SmolLM2-135M-Instruct"
    assert profile.reported == "smollm2-135m-instruct"
    assert profile.weights_sha256 == MODEL_SHA256
    assert "xllamacpp" in profile.notes[-1]
    with serve(profile, None) as (served, key):
        request = urllib.request.Request(f"{served.base_url}/models", headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(request) as response:
            assert json.load(response)["data"][0]["id"] == served.model
        assert served.model_copy(update={"base_url": profile.base_url}) == profile


def test_a_model_of_the_users_own_is_compared_with_no_vendor(own_model_in_use: None) -> None:
    profile = as_fetched(resolve(endpoint="local"))
    assert (profile.model, profile.reported) == ("mine", None)


def test_another_model_than_the_runs_is_refused(own_model_in_use: None) -> None:
    with pytest.raises(UsageError, match=r"asks for the local model SmolLM2-135M-Instruct .* but mine .* is in use"):
        serve(resolve(endpoint="local"), None).__enter__()


def test_another_file_of_the_same_name_is_refused(own_model_in_use: None) -> None:
    profile = as_fetched(resolve(endpoint="local")).model_copy(update={"weights_sha256": "0" * 64})
    with pytest.raises(UsageError, match=r"asks for the local model mine \(SHA-256 0{64}\), but mine \("):
        serve(profile, None).__enter__()


def test_nothing_fetched_says_what_to_run(own_cache: None) -> None:
    with pytest.raises(UsageError, match="run `longcat-repro local fetch`"):
        as_fetched(resolve(endpoint="local"))
