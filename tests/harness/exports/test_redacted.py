"""Of a benchmark that must not be published nothing goes out that it could be read from."""

from pathlib import Path

import pytest

from harness.datasource import load_rows
from harness.runner.registry import find_task, read_card
from tests.data import data_dir, real_data
from tests.needs import long_run
from tests.place import Place
from tests.standin import Standin

TEXTS = ("Question", "Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3")
FORMATS = ("lm-eval", "hf-eval-results", "every-eval-ever", "csv", "parquet")
RUN = 8


def runs_of_words(text: str) -> set[str]:
    """Every eight words of a text that follow each other, or all of a shorter one."""
    words = text.lower().split()
    return {" ".join(words[place : place + RUN]) for place in range(max(1, len(words) - RUN + 1))}


@pytest.mark.parametrize("said", ["question", "only"])
def test_no_question_of_gpqa_is_in_any_export(place: Place, said: str) -> None:
    if said == "only":
        long_run()
    real_data("gpqa_diamond/gpqa_diamond.zip")
    card, _ = read_card(find_task("gpqa_diamond"))
    rows = load_rows(card.data, data_dir=data_dir()).rows
    behaviour = "echo" if said == "question" else "uniform"
    with Standin(behaviour, dialect="longcat") as standin:
        profile = standin.profile_file(place.folder, concurrency=64)
        words = (
            "--profile",
            profile,
            "--data-dir",
            data_dir(),
            "--reported",
            "longcat-2.0",
            "--yes",
            "--arms",
            "primary",
        )
        done = place("run", "gpqa_diamond", *words, "--repeats", 1, "--run-id", "toy")
    assert done.code == 0, done.text
    out = place.folder / "out"
    for form in FORMATS:
        texts = ("--texts",) if form in ("csv", "parquet") else ()
        exported = place("export", "toy", "--format", form, "-o", out / form, *texts, "--data-dir", data_dir())
        assert exported.code == 0, exported.text
        assert "REDACTED" in exported.err
    written = [path for path in out.rglob("*") if path.is_file()]
    assert len(written) == 8
    text = " ".join(" ".join(path.read_bytes().decode("utf-8", "replace").lower().split()) for path in written)
    runs = {run for row in rows for name in TEXTS for run in runs_of_words(str(row[name])) if len(run.split()) == RUN}
    assert len(runs) > 10_000
    assert sum(run in text for run in runs) == 0
    assert Path(out, "hf-eval-results", ".eval_results", "gpqa_diamond.yaml") in written
