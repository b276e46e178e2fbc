from pathlib import Path

import pytest

from harness.endpoint.profile import Profile, named, profile_names, resolve
from harness.errors import UsageError

KEYS = ["LONGCAT_API_KEY", "OPENROUTER_API_KEY", "SILICONFLOW_API_KEY", "SGLANG_API_KEY"]


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)


def test_the_profiles_that_come_with_the_harness() -> None:
    assert profile_names() == ["local", "longcat", "openrouter", "sglang", "siliconflow"]


@pytest.mark.parametrize("name", ["local", "longcat", "openrouter", "sglang", "siliconflow"])
def test_every_profile_is_valid_and_named_as_its_file(name: str) -> None:
    assert named(name).name == name


def test_the_vendors_own_endpoint() -> None:
    profile = resolve(endpoint="longcat")
    assert (profile.base_url, profile.model) == ("https://api.longcat.chat/openai/v1", "LongCat-2.0")
    assert profile.thinking is not None
    assert profile.thinking.off == {"thinking": {"type": "disabled"}}
    assert (profile.temperature, profile.max_output_tokens, profile.top_k_off) == ((0.0, 1.0), 131072, None)


def test_an_address_of_ones_own_for_a_named_profile() -> None:
    profile = resolve(endpoint="sglang", base_url="http://gpu:30000/v1/", model="my/LongCat", api_key_env="MY_KEY")
    assert (profile.base_url, profile.model, profile.api_key_env) == ("http://gpu:30000/v1", "my/LongCat", "MY_KEY")
    assert profile.thinking == named("sglang").thinking
    assert not profile.key_optional


def test_another_model_has_another_price_unless_nothing_is_paid() -> None:
    assert resolve(endpoint="longcat", model="LongCat-3").prices is None
    assert resolve(endpoint="longcat", base_url="http://proxy/v1").prices == named("longcat").prices
    assert resolve(endpoint="sglang", model="other").prices == named("sglang").prices


def test_a_bare_address_and_model() -> None:
    profile = resolve(base_url="http://h/v1", model="m")
    assert (profile.name, profile.base_url, profile.model) == ("custom", "http://h/v1", "m")
    assert (profile.thinking, profile.prices, profile.api_key_env) == (None, None, None)


def test_nothing_named_lists_the_endpoints_whose_keys_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGCAT_API_KEY", "secret-value")
    with pytest.raises(UsageError, match=r"longcat \(LONGCAT_API_KEY\).*--endpoint") as caught:
        resolve()
    assert "secret-value" not in str(caught.value)
    assert "OPENROUTER_API_KEY" not in str(caught.value)


def test_nothing_named_and_no_key() -> None:
    with pytest.raises(UsageError, match="No key was found"):
        resolve()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"endpoint": "nowhere"}, "no endpoint profile 'nowhere'"),
        ({"base_url": "http://h/v1"}, "--model"),
        ({"endpoint": "longcat", "profile_file": "x.yaml"}, "one of them"),
        ({"base_url": "h:80/v1", "model": "m"}, "http"),
        ({"profile_file": "missing.yaml"}, "cannot be read"),
    ],
)
def test_what_cannot_be_meant(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        resolve(**arguments)


def test_a_profile_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("base_url: http://h/v1\nmodel: m\nthinking: {on: {t: 1}, off: {t: 0}}\n", encoding="utf-8")
    profile = resolve(profile_file=path)
    assert (profile.name, profile.model) == ("mine", "m")
    assert profile.thinking is not None
    assert profile.thinking.on == {"t": 1}


@pytest.mark.parametrize("text", ["- 1", "a: [", "base_url: http://h/v1", "base_url: http://h\nmodel: m\ncolour: red"])
def test_a_profile_file_that_is_wrong(tmp_path: Path, text: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"wrong\.yaml"):
        resolve(profile_file=path)


def test_a_profile_survives_a_round_trip() -> None:
    profile = named("openrouter")
    assert Profile.model_validate(profile.model_dump()) == profile
