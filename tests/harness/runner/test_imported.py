"""Outcomes of trials through the command line: import, score, verify, and what is refused."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from harness.commands.asking import chosen
from tests.harness.runner.making import toy_plan
from tests.harness.runner.trials import trial_task
from tests.place import Place

IDS = [item.id for item in toy_plan().order]


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    trial_task(tmp_path / "tasks")
    return tmp_path / "tasks"


def written(folder: Path, value: Any) -> Path:
    path = folder / "eval_results.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    return path


def test_outcomes_become_a_run_that_scores_and_verifies(tmp_path: Path, tasks: Path) -> None:
    place = Place(tmp_path)
    file = written(tmp_path, {name: n < 100 for n, name in enumerate(IDS[:300])} | {"stranger": True})
    words = ("import", "trials", file, "--model", "an-agent", "--run-id", "them", "--tasks-path", tasks)
    done = place(*words)
    assert done.code == 0, done.text
    assert "301 outcomes imported, 0 were there" in done.err
    assert "100 of the 400 items have no recorded outcome" in done.err
    assert "1 recorded ids are not among the 400 items" in done.err
    assert "trials accuracy: 25.00 (100 of 400)" in done.out
    assert "of_recorded: 33.55 (101 of 301)" in done.out

    summary = place.summary("them")
    assert summary["model"] == "an-agent"
    assert summary["spend"] == {
        "usd": None,
        "input_tokens": 0,
        "cached_tokens": 0,
        "output_tokens": 0,
        "requests": 0,
    }
    why = " ".join(summary["tasks"]["trials"]["verdict"]["why"])
    assert "100 of the 400 items have no recorded outcome" in why
    [line] = [line for line in place.lines("them") if line["envelope"]["slot"]["item"] == "stranger"]
    assert (line["envelope"]["kind"], line["envelope"]["key"]) == ("outcome", None)
    body = {name: value for name, value in line["body"].items() if name != "salt"}
    assert body == {"outcome": {"resolved": True}, "imported_from": "eval_results.json"}

    assert "0 outcomes imported, 301 were there" in place(*words).err
    assert place("verify", "them", "--tasks-path", tasks).code == 0
    (place.results / "them" / "scores.parquet").unlink()
    assert "trials accuracy: 25.00 (100 of 400)" in place("score", "them", "--tasks-path", tasks).out
    assert place.summary("them") == summary
    report = place("report", "them", "--tasks-path", tasks)
    assert report.code == 0, report.text
    refused = place("rerun", "trials", "--run-id", "them", "--tasks-path", tasks)
    assert (refused.code, "there is no endpoint to ask again" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("\ud800", "not JSON"),
        ([{IDS[0]: True}], "expected one JSON object"),
        ([], "expected one JSON object"),
        ({}, "expected one JSON object"),
        ("true", "expected one JSON object"),
        ({IDS[0]: 1}, f"{IDS[0]} is neither true nor false"),
        ({IDS[0]: None}, f"{IDS[0]} is neither true nor false"),
        ({IDS[0]: "true"}, f"{IDS[0]} is neither true nor false"),
        ({IDS[0]: {"resolved": True}}, f"{IDS[0]} is neither true nor false"),
        (f'{{"{IDS[0]}": true, "{IDS[0]}": false}}', f"{IDS[0]} stands in it twice"),
        ({IDS[0]: True, "\u202e": True}, "'\\u202e' is no instance id"),
        ({IDS[0]: True, "": True}, "'' is no instance id"),
        ({IDS[0]: True, "x" * 201: True}, "is no instance id"),
        ('{"\\ud800": true}', "'\\ud800' is no instance id"),
        ({"__import__('os').abort()": True}, "none of the 1 ids"),
        ({"stranger": True, "other": False}, "none of the 2 ids"),
    ],
)
def test_a_file_that_is_no_set_of_outcomes_is_refused(tmp_path: Path, tasks: Path, content: Any, said: str) -> None:
    file = tmp_path / "eval_results.json"
    text = content if isinstance(content, str) else json.dumps(content)
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    done = Place(tmp_path)("import", "trials", file, "--tasks-path", tasks)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert not list((tmp_path / "results").glob("*"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path, tasks: Path) -> None:
    done = Place(tmp_path)("import", "trials", tmp_path / "absent.json", "--tasks-path", tasks)
    assert done.code == 2
    assert "cannot read" in done.err


def test_a_task_of_trials_is_neither_asked_nor_part_of_the_quick_suite(tmp_path: Path, tasks: Path) -> None:
    place = Place(tmp_path)
    endpoint = ("--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--tasks-path", tasks)
    done = place("run", "trials", *endpoint)
    assert done.code == 2
    assert "trials cannot be asked: its rows are trials, and its card does not say how" in done.err
    assert "import trials FILE" in done.err
    assert not (tmp_path / "results").exists()
    quick, _ = chosen(Namespace(tasks=[], tasks_path=[tasks], repeats=None, arms=None))
    assert {one.ref.name for one in quick} >= {"ifeval", "gpqa_diamond"}
    assert "trials" not in {one.ref.name for one in quick}
