"""A search for the API key over everything a run leaves finds nothing."""

import base64
from pathlib import Path

import pytest

from tests import toy
from tests.needs import long_run
from tests.place import Place
from tests.standin import Standin

KEY = "sk-standin-7f3a9c51e6b24d08"


def holders(folder: Path) -> list[str]:
    """Files under ``folder`` that hold the key, plain or in base64."""
    needles = [KEY.encode(), base64.b64encode(KEY.encode())[:-4], KEY[3:].encode()]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [str(path) for path in files if any(needle in path.read_bytes() for needle in needles)]


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ([], 0),
        ([("500", [1, 2]), ("cut-after", [3]), ("429", [4]), ("half-json", [5])], 0),
        ([("500", range(1, 1000))], 5),
        ([("403", range(1, 1000))], 4),
    ],
)
def test_the_key_is_nowhere(
    place: Place, monkeypatch: pytest.MonkeyPatch, faults: list[tuple[str, list[int]]], code: int
) -> None:
    if code == 5 or not faults:
        long_run()
    monkeypatch.setenv("STANDIN_API_KEY", KEY)
    with Standin("oracle", table=toy.table(), api_key=KEY, faults=faults, echo_key=True, retry_after="0") as standin:
        words = place.toy_words(standin, "--limit", 6, "--concurrency", 2, "--retries", 2 if code else 6)
        run = place.start(*words)
        out, err = run.communicate()
        assert run.returncode == code, out + err
        assert standin.requests[-1].headers["authorization"] == f"Bearer {KEY}"
        again = place(*words, "--new")
    for run_dir in place.results.iterdir():
        place("report", run_dir.name)
    assert not any(KEY[3:] in text for text in (out, err, again.text))
    assert holders(place.folder) == []


def test_a_key_file_open_to_others_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = place.folder / "keys"
    keys.write_text(f"STANDIN_API_KEY={KEY}\n")
    keys.chmod(0o644)
    monkeypatch.setenv("LONGCAT_REPRO_KEYS", str(keys))
    monkeypatch.delenv("STANDIN_API_KEY", raising=False)
    with Standin("oracle", table=toy.table(), api_key=KEY) as standin:
        refused = place.run_toy(standin, "--limit", 2)
        assert refused.code == 2, refused.text
        assert "600" in refused.err
        assert KEY not in refused.text
        keys.chmod(0o600)
        assert place.run_toy(standin, "--limit", 2).code == 0


def test_a_missing_key_names_its_variable_and_asks_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STANDIN_API_KEY", raising=False)
    with Standin("oracle", table=toy.table(), api_key=KEY) as standin:
        run = place.run_toy(standin, "--limit", 2)
        assert run.code == 2, run.text
        assert "STANDIN_API_KEY" in run.err
        assert standin.requests == []
