"""``doctor`` from the command line, on a machine without an engine: no key, no data, no network."""

from pathlib import Path

import pytest

from tests.place import Place


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.delenv("LONGCAT_REPRO_DATA", raising=False)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'absent.sock'}")
    monkeypatch.setenv("LONGCAT_REPRO_SCAFFOLDS", str(tmp_path / "scaffolds"))
    monkeypatch.setenv("COLUMNS", "100")
    return Place(tmp_path)


def test_without_an_engine_everything_is_said_and_it_fails(place: Place) -> None:
    ended = place("doctor", "code-sample")
    said = " ".join(ended.out.split())
    assert (ended.code, ended.err) == (2, "")
    assert "fail engine" in said
    assert "fail claude-code" in said
    assert "longcat-repro scaffold install claude-code" in said
    assert "fail harbor" in said
    assert "longcat-repro scaffold install harbor" in said
    assert "warn swe_bench_pro: network what an agent runs (as-published) and what it wrote" in said
    assert "120 trials (60 items, as-published, hardened, once each), 1 at a time" in said
    assert ended.out.splitlines()[-1].startswith("No trial can be made until this is mended: engine, ")
    assert max(len(line) for line in ended.out.splitlines()[:-1] if ".sock" not in line) <= 100
    assert sorted(place.folder.iterdir()) == []


def test_nothing_named_means_all_that_an_agent_tries(place: Place) -> None:
    said = " ".join(place("doctor").out.split())
    assert "1462 trials (731 items" in said
    assert "600 trials (300 items" in said


def test_what_is_asked_for_is_counted(place: Place) -> None:
    said = " ".join(place("doctor", "swe_bench_pro:gold", "--limit", 10, "--repeats", 3, "--sandboxes", 5).out.split())
    assert "30 trials (10 items, gold, 3 times each), 5 at a time" in said
    assert "fail claude-code" not in said
    assert "ok harbor not here, and none of the arms names it" in said


def test_rows_of_the_data_directory_are_read(place: Place) -> None:
    rows = place.folder / "data" / "swe_bench_pro" / "test.jsonl"
    rows.parent.mkdir(parents=True)
    rows.write_text('{"instance_id": "1"}\n')
    ended = place("doctor", "swe_bench_pro", "--data-dir", place.folder / "data")
    assert ended.code == 2
    assert "swe_bench_pro/test.jsonl: " in "".join(ended.out.split()).replace("jsonl:", "jsonl: ")
    assert ended.out.splitlines()[-1].endswith("swe_bench_pro: rows.")
    assert place("doctor", "swe_bench_pro", "--data-dir", place.folder / "absent").code == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["ifeval"], "no agent tries any item of ifeval"),
        (["nonsense"], "no task is called 'nonsense'"),
        (["swe_bench_pro:nonsense"], "swe_bench_pro has no arm 'nonsense'"),
    ],
)
def test_what_cannot_be_examined_is_refused(place: Place, words: list[str], says: str) -> None:
    ended = place("doctor", *words)
    assert ended.code == 2
    assert says in ended.err
