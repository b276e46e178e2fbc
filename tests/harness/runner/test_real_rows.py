"""IFEval and GPQA-diamond from end to end on the stand-in: an oracle, a guesser and recorded replies."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.datasource import load_rows
from harness.runner.registry import find_task, read_card
from tests.data import data_dir, real_data
from tests.needs import long_run
from tests.place import Place
from tests.standin import Standin, chooser

OPTIONS = ("Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3")


@pytest.fixture(scope="module")
def gpqa() -> list[dict[str, Any]]:
    real_data("gpqa_diamond/gpqa_diamond.zip")
    card, _ = read_card(find_task("gpqa_diamond"))
    return load_rows(card.data, data_dir=data_dir()).rows


def run(place: Place, standin: Standin, task: str, *words: str | int) -> None:
    settings = ("--profile", standin.profile_file(place.folder, concurrency=32), "--reported", "longcat-2.0", "--yes")
    done = place("run", task, *settings, "--data-dir", data_dir(), "--run-id", "toy", *words)
    assert done.code == 0, done.text


def test_an_oracle_answers_all_of_gpqa_under_both_prompts(place: Place, gpqa: list[dict[str, Any]]) -> None:
    right = chooser([(row[OPTIONS[0]], [row[name] for name in OPTIONS[1:]]) for row in gpqa])
    with Standin(right, dialect="longcat") as standin:
        run(place, standin, "gpqa_diamond", "--repeats", 1)
    task = place.task(task="gpqa_diamond")
    assert (task["headline"]["k"], task["headline"]["n"]) == (198, 198)
    assert task["counts"]["unparsed"] == 0
    assert len(task["arms"]) >= 2
    assert all(arm["headline"]["k"] == 198 for arm in task["arms"].values())
    assert task["verdict"]["label"] != "reproduced"


def test_a_guesser_scores_what_its_letters_are_worth(place: Place, gpqa: list[dict[str, Any]]) -> None:
    long_run()
    right = chooser([(row[OPTIONS[0]], [row[name] for name in OPTIONS[1:]]) for row in gpqa])
    with Standin("uniform", dialect="longcat") as standin:
        run(place, standin, "gpqa_diamond", "--arms", "primary", "--repeats", 4, "--reported", "longcat-2.0")
        letters = [right(body).content[-1] for body in standin.chats]
    task = place.task(task="gpqa_diamond")
    guesses = {
        (line["envelope"]["slot"]["item"], line["envelope"]["slot"]["repeat"]): line["body"]["reply"]["content"][-1]
        for line in place.lines()
    }
    assert len(guesses) == 4 * 198
    assert {letter: letters.count(letter) for letter in "ABCD"} == dict.fromkeys("ABCD", 198)
    assert 15 < task["headline"]["score"] < 35
    assert task["verdict"]["label"] == "lower than reported"


def test_no_question_is_written_in_the_report(place: Place, gpqa: list[dict[str, Any]]) -> None:
    with Standin("echo", dialect="longcat") as standin:
        run(place, standin, "gpqa_diamond", "--arms", "primary", "--limit", 10)
    files = [path for path in place.reports.rglob("*") if path.is_file() and path.suffix != ".png"]
    assert {path.suffix for path in files} >= {".html", ".js", ".csv"}
    published = " ".join(re.sub(r"\W+", "", path.read_text("utf-8")) for path in files)
    for row in gpqa:
        assert re.sub(r"\W+", "", row["Question"])[:60] not in published


def test_recorded_replies_served_live_score_as_recorded(place: Place) -> None:
    long_run()
    table = real_data("ifeval/input_response_data_gpt4_20231107_145030.jsonl")
    rows = [json.loads(line) for line in Path(real_data("ifeval/input_data.jsonl")).read_text("utf-8").splitlines()]
    key_of = {row["prompt"]: str(row["key"]) for row in rows}
    expected = json.loads(real_data("ifeval/gpt4_expected_scores.json").read_text("utf-8"))
    with Standin("oracle", table=table, torn=1009) as standin:
        run(place, standin, "ifeval", "--arms", "primary")
        assert standin.asked == 541
    answers = place.answers()
    replies = [json.loads(line) for line in table.read_bytes().split(b"\n") if line]
    assert answers == {key_of[reply["prompt"]]: reply["response"] for reply in replies}
    task = place.task(task="ifeval")
    assert 415 <= task["headline"]["k"] <= 417
    assert task["headline"]["n"] == 541
    assert expected["published_arxiv_2311.07911_table3"]["GPT-4"]["prompt_strict"] == 76.89
    counted = sorted((metric["k"], metric["n"]) for metric in task["metrics"].values() if metric["k"])
    lows = [(415, 541), (429, 541), (696, 834), (712, 834)]
    assert len(counted) == 4
    assert all(n == size and low <= k <= low + 2 for (k, n), (low, size) in zip(counted, lows, strict=True))
