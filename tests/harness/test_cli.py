"""The command line as a whole: help, cards, usage errors and what it does not import."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.place import REPOSITORY, Place

KEYS = ("LONGCAT_API_KEY", "OPENROUTER_API_KEY", "SILICONFLOW_API_KEY", "SGLANG_API_KEY")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    return Place(tmp_path)


def python(code: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_help_names_every_command(place: Place) -> None:
    shown = place("--help")
    assert shown.code == 0
    for command in ("run", "plan", "rerun", "tasks", "show", "score", "import", "verify", "report", "local", "demo"):
        assert command in shown.out


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["audit", "--help"], ["tasks"], ["show", "ifeval"]])
def test_help_and_cards_import_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    code = f"""
import contextlib, sys
from harness.cli import main
with contextlib.suppress(SystemExit):
    main({words!r})
heavy = {{"openai", "datasets", "pandas", "lm_eval", "tenacity", "rich", "pyarrow", "scipy", "numpy", "torch", "nltk"}}
print("HEAVY", sorted(heavy & sys.modules.keys()))
"""
    assert python(code, tmp_path).splitlines()[-1] == "HEAVY []"


def test_tasks_lists_and_show_prints_the_card(place: Place) -> None:
    listed = place("tasks")
    assert listed.code == 0
    assert all(name in listed.out for name in ("ifeval", "gpqa_diamond", "toy_sum"))
    shown = place("show", "gpqa_diamond")
    assert shown.code == 0
    assert "198" in shown.out
    assert place("show", "ifeval").out.count("541") >= 1
    assert place("show", "nothing").code == 2


def test_no_endpoint_is_a_usage_error_that_lists_keys(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = place("run", "toy_sum")
    assert nothing.code == 2
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-secret")
    one = place("run", "toy_sum")
    assert one.code == 2
    assert "openrouter" in one.err
    assert "OPENROUTER_API_KEY" in one.err
    assert "LONGCAT_API_KEY" not in one.err
    assert "sk-or-secret" not in one.text


@pytest.mark.parametrize(
    "words",
    [
        ["run", "toy_sum", "--endpoint", "nowhere"],
        ["run", "toy_sum", "--base-url", "http://127.0.0.1:9/v1"],
        ["run", "toy_sum", "--endpoint", "longcat"],
        ["run", "toy_sum", "--profile", "no-such-file.yaml"],
        ["run", "toy_sum", "--limit", "0"],
        ["run", "toy_sum", "--no-such-option"],
        ["rerun", "toy_sum", "--run-id", "no-such-run", "--repeats", "2"],
        ["score", "no-such-run"],
        ["verify", "no-such-run"],
        ["report", "no-such-run"],
        ["import", "toy_sum", "no-such-file.jsonl"],
        ["import", "toy_sum", "no-such-file.jsonl", "--run-id", "../elsewhere"],
        ["gold", "toy_sum", "--run-id", "a/b"],
        ["gateway", "--endpoint", "local", "--port", "99999"],
        ["plan", "toy_sum", "--endpoint", "longcat", "--top-p", "2"],
        ["plan", "toy_sum", "--endpoint", "longcat", "--temperature", "-1"],
        ["frobnicate"],
        [],
    ],
)
def test_usage_errors_end_with_2_and_no_traceback(place: Place, words: list[str]) -> None:
    ended = place(*words) if words else Place(place.folder)("--tasks-path")
    assert ended.code == 2, ended.text
    assert "Traceback" not in ended.text


def test_a_dead_endpoint_is_no_traceback(place: Place) -> None:
    words = ["--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--limit", "1", "--retries", "1"]
    ended = place("run", "toy_sum", *words)
    assert ended.code in (4, 5), ended.text
    assert "Traceback" not in ended.text
    assert "127.0.0.1:9" in ended.text


def test_missing_data_name_the_doors(place: Place) -> None:
    ended = place("run", "toy_sum", "--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--data-dir", place.folder)
    assert ended.code == 2, ended.text
    assert "toy_sum/rows.jsonl" in ended.err
    assert "--data-dir" in ended.err
