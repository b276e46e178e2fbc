from pathlib import Path

import pytest

from harness.endpoint.keys import KEYS_VARIABLE, read_key
from harness.errors import UsageError
from tests.harness.endpoint.making import profile

PROFILE = profile(api_key_env="TOY_KEY")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("TOY_KEY", raising=False)
    path = tmp_path / "keys"
    monkeypatch.setenv(KEYS_VARIABLE, str(path))
    return path


def write(path: Path, text: str, mode: int = 0o600) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def test_the_environment_comes_first(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(file, "TOY_KEY=from-file\n")
    monkeypatch.setenv("TOY_KEY", " from-env\n")
    assert read_key(PROFILE) == "from-env"


@pytest.mark.parametrize("line", ["TOY_KEY=k1", "export TOY_KEY = 'k1'", '# mine\nOTHER=x\nTOY_KEY="k1"'])
def test_a_line_of_the_file(file: Path, line: str) -> None:
    write(file, line)
    assert read_key(PROFILE) == "k1"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_open_to_others_is_refused(file: Path, mode: int) -> None:
    write(file, "TOY_KEY=k1", mode)
    with pytest.raises(UsageError, match="chmod 600"):
        read_key(PROFILE)


def test_a_missing_key_says_where_it_is_looked_for(file: Path) -> None:
    with pytest.raises(UsageError, match="TOY_KEY") as caught:
        read_key(PROFILE)
    assert str(file) in str(caught.value)


def test_a_missing_key_that_is_optional(file: Path) -> None:
    assert read_key(profile(api_key_env="TOY_KEY", key_optional=True)) is None


def test_no_variable_no_key(file: Path) -> None:
    assert read_key(profile()) is None


def test_a_key_that_no_header_can_hold_is_not_shown(file: Path) -> None:
    write(file, "TOY_KEY=schlüssel")
    with pytest.raises(UsageError) as caught:
        read_key(PROFILE)
    assert "schlüssel" not in str(caught.value)


def test_a_file_that_cannot_be_read(file: Path) -> None:
    file.mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        read_key(PROFILE)
