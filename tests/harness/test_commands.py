"""The demo, the whole way on the local model, where no benchmark data is to be had."""

import json
import os
import subprocess
import sys
from pathlib import Path

from harness.endpoint.local.model import Model
from tests.place import REPOSITORY


def test_the_demo_asks_a_real_model_and_ends_with_a_report(local_model: Model, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "LONGCAT_REPRO_DATA"}
    done = subprocess.run(
        [sys.executable, "-m", "harness.cli", "demo", "--minutes", "0.01"],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(REPOSITORY), "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hub")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-1]
    assert last.startswith("open /")
    page = Path(last.removeprefix("open ")).read_text("utf-8")
    assert "SAMPLE" in page
    run = next((tmp_path / "results").glob("sample-*"))
    summary = json.loads((run / "summary.json").read_bytes())
    assert summary["sample_data"]
    for task in summary["tasks"].values():
        assert task["counts"]["answered"] == task["counts"]["items"] > 0
        assert task["verdict"]["label"] == "sample data"
