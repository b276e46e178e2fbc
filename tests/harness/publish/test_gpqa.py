"""The search the issue asks for: no eight words of any real question or choice in a published folder."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from harness.datasource import load_rows
from harness.runner.registry import find_task, read_card
from tests.data import data_dir, real_data
from tests.needs import long_run
from tests.place import Place
from tests.standin import Answer, Standin
from tests.standin.answers import prompt_of

FIELDS = ("Question", "Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3")


def words_of(text: str) -> list[str]:
    """The words of a text, case and punctuation aside, escapes of JSON and markup seen as such."""
    text = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"\\[nrt]|&[a-z0-9#]+;|<[a-z/][^<>]*>", " ", text)
    return re.findall(r"[^\W_]+", text.casefold())


def runs_of(text: str) -> set[str]:
    """Every eight words; eight numbers are none (a matrix in a question, a column of scores in a page)."""
    words = words_of(text)
    runs = (words[place : place + 8] for place in range(len(words) - 7))
    return {" ".join(run) for run in runs if not all(word.isdigit() for word in run)}


def echo_long(body: dict[str, Any]) -> Answer:
    """The prompt, twice, as the answer and its reasoning: everything that could leak, in every place it could be."""
    prompt = prompt_of(body)
    return Answer(f"{prompt}\nAnswer: A\n{prompt}", reasoning=prompt)


@pytest.mark.parametrize("sealed", [False, True])
def test_no_question_is_to_be_found_in_what_is_published(tmp_path: Path, sealed: bool) -> None:
    if not sealed:
        long_run()
    real_data("gpqa_diamond/gpqa_diamond.zip")
    card, _ = read_card(find_task("gpqa_diamond"))
    rows = load_rows(card.data, data_dir=data_dir()).rows
    place = Place(tmp_path)
    words = ("--data-dir", data_dir(), "--reported", "longcat-2.0", "--run-id", "gpqa", "--yes")
    limit = 12 if sealed else 198
    with Standin(echo_long, faults=[("400", [3])], dialect="longcat") as standin:
        profile = standin.profile_file(tmp_path, concurrency=32)
        settings = ("--profile", profile, "--arms", "primary", "--repeats", 1, "--limit", limit)
        assert place("run", "gpqa_diamond", *settings, *words).code in (0, 5)
    more = ("--sealed", "--interim") if sealed else ("--interim",)
    done = place("publish", "gpqa", "--to", tmp_path / "out", "--data-dir", data_dir(), *more)
    assert done.code == 0, done.text
    hidden = set().union(*(runs_of(str(row[field])) for row in rows for field in FIELDS))
    assert len(hidden) > 10_000
    holding = {}
    for path in (path for path in (tmp_path / "out").rglob("*") if path.is_file()):
        text = path.read_bytes().decode("utf-8", "replace")
        if path.suffix == ".parquet":
            text += "\n".join(map(str, pd.read_parquet(path).to_numpy().ravel()))
        if found := len(runs_of(text) & hidden):
            holding[path.name] = found
    assert holding == {}
    verified = place("verify", tmp_path / "out", "--data-dir", data_dir() if sealed else tmp_path)
    assert verified.code == 0, verified.text
    assert f"{limit} redacted" in verified.out
    assert ("from the sealed journal" in verified.out) == sealed
