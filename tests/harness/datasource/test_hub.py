"""The hub door, through the real ``datasets`` in processes of their own: its configuration is read at import."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.contract import Card
from tests.data import REPOSITORY, real_data
from tests.harness.datasource.hub_standin import COMMIT, Hub, Repository, hub_standin

PADDED: list[dict[str, Any]] = [
    {"id": i, "kwargs": [{"n": i}] if i % 2 else [{}], "text": f"line {i}\u2028 "} for i in range(4)
]
CSV = b'Record ID,Question,Unused\nr1,"two\nlines",x\nr2, edges ,y\n'
TOKEN = "a-token-of-the-stand-in"

OPEN = """
import json, sys
from harness.contract import Door
from harness.datasource.hub import open_hub
from harness.datasource.rows import DoorFailed, select
door, columns = json.loads(sys.argv[1])
try:
    rows, sentence = open_hub(Door(kind="hub", **door), columns)
    print(json.dumps({"rows": select(rows, columns), "door": sentence}))
except DoorFailed as failure:
    print(json.dumps({"failed": str(failure)}))
"""


def _configured(name: str, path: str) -> bytes:
    return f"---\nconfigs:\n- config_name: {name}\n  data_files:\n  - {{split: train, path: {path}}}\n---\n".encode()


def _jsonl(rows: Sequence[object]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    plain = {"README.md": _configured("default", "data/rows.jsonl"), "data/rows.jsonl": _jsonl(PADDED)}
    table = {"README.md": _configured("questions", "table.csv"), "table.csv": CSV}
    repositories = {
        "org/open": Repository(plain),
        "org/gated": Repository(table, token=TOKEN),
        "org/refusing": Repository(table, token=TOKEN, accepted=False),
    }
    with hub_standin(Hub(repositories)) as served:
        yield served


def _run(code: str, address: str, home: Path, *arguments: str, token: str | None = None) -> dict[str, Any]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
    environment = kept | {"HF_ENDPOINT": address, "HF_HOME": str(home)} | ({"HF_TOKEN": token} if token else {})
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=REPOSITORY, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _open(hub: Hub | str, home: Path, name: str, config: str, columns: list[str], **options: Any) -> dict[str, Any]:
    door = {"id": name, "config": config, "split": "train", "revision": COMMIT, "gated": options.pop("gated", False)}
    address = hub if isinstance(hub, str) else hub.address
    return _run(OPEN, address, home, json.dumps([door, columns]), **options)


def test_json_rows_come_as_published_quietly_and_again_without_a_network(hub: Hub, tmp_path: Path) -> None:
    columns = ["id", "kwargs", "text"]
    online = _open(hub, tmp_path, "org/open", "default", columns)
    assert online["rows"] == PADDED
    assert online["door"] == f"org/open on the Hugging Face hub at revision {COMMIT}"
    offline = _open("http://127.0.0.1:1", tmp_path, "org/open", "default", columns)
    assert offline["rows"] == PADDED
    assert offline["door"] == f"org/open on the local copy of the Hugging Face hub at revision {COMMIT}"


def test_without_a_network_and_without_a_copy_the_door_stays_shut(tmp_path: Path) -> None:
    answer = _open("http://127.0.0.1:1", tmp_path, "org/open", "default", ["id"])
    assert answer == {
        "failed": "org/open: http://127.0.0.1:1 does not answer, and the hub's cache on this machine has no copy of "
        f"revision {COMMIT}"
    }


def test_a_gated_dataset_opens_with_the_token(hub: Hub, tmp_path: Path) -> None:
    answer = _open(hub, tmp_path, "org/gated", "questions", ["Record ID", "Question"], token=TOKEN, gated=True)
    assert answer["rows"] == [
        {"Record ID": "r1", "Question": "two\nlines"},
        {"Record ID": "r2", "Question": " edges "},
    ]


@pytest.mark.parametrize(
    ("name", "token"),
    [
        pytest.param("org/gated", None, id="no-token-401"),
        pytest.param("org/refusing", TOKEN, id="not-accepted-403"),
    ],
)
def test_a_gated_dataset_that_refuses_says_how_to_get_access(
    hub: Hub, tmp_path: Path, name: str, token: str | None
) -> None:
    answer = _open(hub, tmp_path, name, "questions", ["Record ID"], token=token, gated=True)
    assert "gated" in answer["failed"]
    assert f"accept its terms at {hub.address}/datasets/{name}" in answer["failed"]
    assert "HF_TOKEN" in answer["failed"]


def test_a_dataset_that_is_not_there_is_told(hub: Hub, tmp_path: Path) -> None:
    assert "org/none" in _open(hub, tmp_path, "org/none", "default", ["id"])["failed"]


LOAD = """
import json, sys
from pathlib import Path
import yaml
from harness.contract import Card
from harness.datasource import load_rows
card = Card.model_validate(yaml.safe_load(Path("tasks/ifeval/card.yaml").read_text()))
data = card.data.model_copy(update={"doors": [door for door in card.data.doors if door.kind == "hub"]})
rows = load_rows(data, data_dir=None)
print(json.dumps({"count": len(rows.rows), "sha256": rows.sha256}))
"""


def test_the_real_ifeval_through_the_hub_is_the_same_as_from_the_file(tmp_path: Path) -> None:
    card = Card.model_validate(yaml.safe_load((REPOSITORY / "tasks" / "ifeval" / "card.yaml").read_text()))
    published = real_data("ifeval/input_data.jsonl").read_bytes()
    files = {"README.md": _configured("default", "rows.jsonl"), "rows.jsonl": published}
    with hub_standin(Hub({"google/IFEval": Repository(files)})) as served:
        answer = _run(LOAD, served.address, tmp_path)
    assert answer == {"count": 541, "sha256": card.data.rows_sha256}
