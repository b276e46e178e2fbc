"""The nine recorded results that the benchmark's authors published, imported and compared."""

import re
from pathlib import Path

from tests.data import data_dir, real_data
from tests.place import Place

# Model: resolved and recorded in the file, and of these among the 731 public instances. "Paper" runs have other ids.
RECORDED = {
    "claude-45sonnet-10132025": (319, 730, 319, 730),
    "gpt-5-250-turns-10132025": (265, 729, 265, 729),
    "kimi-k2-instruct-10132025": (202, 729, 202, 729),
    "claude-4sonnet-10132025": (240, 562, 240, 562),
    "gptoss-paper": (118, 728, 118, 728),
    "claude-opus-4-1-paper": (206, 891, 162, 663),
    "gemini-2-5-pro-preview-paper": (105, 955, 90, 719),
    "claude-sonnet-4-paper": (166, 663, 166, 663),
    "gpt-4o-paper": (36, 619, 36, 619),
}


def imported(place: Place, model: str) -> str:
    """Import a file through the command line; what it printed."""
    file = real_data(f"swe_bench_pro/recorded_results/{model}.eval_results.json")
    done = place("import", "swe_bench_pro", file, "--model", model, "--run-id", model, "--data-dir", data_dir())
    assert done.code == 0, done.text
    return done.out


def has_both_denominators(place: Place, model: str, printed: str) -> None:
    """The summary and the terminal give the score of all 731 and of the recorded ids."""
    resolved, recorded, public, known = RECORDED[model]
    task = place.task(model, "swe_bench_pro")
    assert task["metrics"] == {
        "resolved": {"score": round(100 * public / 731, 4), "k": public, "n": 731},
        "resolved_corrected": {"score": round(100 * public / 731, 4), "k": public, "n": 731},
        "resolved_of_recorded": {"score": round(100 * resolved / recorded, 4), "k": resolved, "n": recorded},
    }
    assert (task["headline"]["metric"], task["headline"]["n"]) == ("resolved", 731)
    counts = task["counts"]
    assert (counts["items"], counts["answered"], counts["unrecorded"]) == (731, known, 731 - known)
    assert counts["outside"] == recorded - known
    assert task["verdict"]["label"] == "not comparable"
    assert len(task["categories"]) == 11
    assert f"resolved: {100 * public / 731:.2f} ({public} of 731)" in printed
    assert f"resolved_of_recorded: {100 * resolved / recorded:.2f} ({resolved} of {recorded})" in printed


def verifies_and_scores_to_the_same(place: Place, model: str) -> None:
    """The run checks out, and scoring again moves nothing."""
    before = place.summary(model)
    verified = place("verify", model, "--data-dir", data_dir())
    assert verified.code == 0, verified.text
    assert "every number was recomputed" in verified.out
    assert place("score", model, "--data-dir", data_dir()).code == 0
    assert place.summary(model) == before


def test_all_nine_give_both_denominators_and_one_page_of_pairs_that_doubts_one(tmp_path: Path) -> None:
    place = Place(tmp_path)
    printed = {model: imported(place, model) for model in RECORDED}
    for model, out in printed.items():
        has_both_denominators(place, model, out)
    assert "43.64 (319 of 731)" in printed["claude-45sonnet-10132025"]
    assert "43.70 (319 of 730)" in printed["claude-45sonnet-10132025"]
    verifies_and_scores_to_the_same(place, "claude-opus-4-1-paper")

    done = place("report", *RECORDED, "-o", tmp_path / "nine")
    assert done.code == 0, done.text
    page = (tmp_path / "nine" / "pairs.html").read_text("utf-8")
    assert "9 runs, 36 pairs" in page
    flagged = re.findall(r"Doubtful provenance</span>: (\S+) and (\S+) agree on (\d+) of (\d+) items", page)
    assert flagged == [("claude-opus-4-1-paper", "claude-sonnet-4-paper", "639", "663")]
    assert page.count("<article") == 36
    assert "228 recorded ids that are no items of the benchmark are left out" in page
    assert "over 663 shared items" in page
    assert 'href="pairs.html"' in (tmp_path / "nine" / "index.html").read_text("utf-8")
