"""lm-eval and the harness against the same real model: the same questions, the same replies, the same flags."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from harness.endpoint.local.process import LocalServer
from tests.data import data_dir, real_data
from tests.needs import long_run
from tests.place import Place
from tests.recorder import Recorder

PROMPTS = 12
MAX_TOKENS = 32
SAME = ("model", "messages", "max_tokens", "temperature")
ONLY_OURS = {"stream", "stream_options", "top_p"}
ONLY_THEIRS = {"stop", "seed"}
ACCURACIES = {
    "num_prompt_strict": "prompt_level_strict_acc",
    "num_prompt_loose": "prompt_level_loose_acc",
    "num_instruction_strict": "inst_level_strict_acc",
    "num_instruction_loose": "inst_level_loose_acc",
}
DETECT_LANGUAGE = {"language:response_language", "change_case:english_capital", "change_case:english_lowercase"}
LETTER_DRAWN = {"1122", "1129"}


def ask_with_lm_eval(base_url: str, server: LocalServer, rows: list[dict[str, Any]], folder: Path) -> dict[str, Any]:
    """lm-eval's samples by item."""
    source, out = folder / "rows.jsonl", folder / "samples.json"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = [base_url, server.model, str(MAX_TOKENS), str(source), str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.harness.runner.lm_eval_run", *words],
        env=os.environ | {"OPENAI_API_KEY": server.api_key},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return {str(sample["doc"]["key"]): sample for sample in json.loads(out.read_text())}


def drawn_by_lm_eval(key: str, sample: dict[str, Any]) -> bool:
    """Whether lm-eval's verdict is drawn at random: it seeds no language detection, and makes up two letters."""
    return key in LETTER_DRAWN or not DETECT_LANGUAGE.isdisjoint(sample["doc"]["instruction_id_list"])


def by_prompt(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(bodies, key=lambda body: str(body["messages"]))


def test_same_requests_same_replies_same_flags(
    place: Place, local_server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_run()
    file = real_data("ifeval/input_data.jsonl")
    monkeypatch.setenv("LOCAL_SERVER_KEY", local_server.api_key)
    greedy = ("--temperature", 0, "--top-p", 1, "--max-tokens", MAX_TOKENS, "--limit", PROMPTS, "--concurrency", 1)
    with Recorder(local_server.base_url) as ours:
        endpoint = ("--base-url", ours.base_url, "--model", local_server.model, "--api-key-env", "LOCAL_SERVER_KEY")
        choice = ("--arms", "primary", "--run-id", "local", "--data-dir", data_dir())
        done = place("run", "ifeval", *endpoint, *greedy, *choice)
    assert done.code == 0, done.text
    replies = place.answers("local")

    with file.open(encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if str(row["key"]) in replies]
    with Recorder(local_server.base_url) as theirs:
        samples = ask_with_lm_eval(theirs.base_url, local_server, rows, place.folder)

    assert len(ours.bodies) == len(theirs.bodies) == len(replies) == len(samples) == PROMPTS
    for our, their in zip(by_prompt(ours.bodies), by_prompt(theirs.bodies), strict=True):
        assert {name: our[name] for name in SAME} == {name: their[name] for name in SAME}
        assert set(our) - set(SAME) <= ONLY_OURS
        assert set(their) - set(SAME) == ONLY_THEIRS
    assert replies == {key: sample["resps"][0][0] for key, sample in samples.items()}

    table = pd.read_parquet(place.results / "local" / "scores.parquet").set_index("item")
    certain = {key: sample for key, sample in samples.items() if not drawn_by_lm_eval(key, sample)}
    assert len(certain) >= PROMPTS // 2
    for key, sample in certain.items():
        theirs_followed = {name: int(np.sum(sample[accuracy])) for name, accuracy in ACCURACIES.items()}
        assert {name: int(table.loc[key, name]) for name in ACCURACIES} == theirs_followed, key
