"""run, rerun, score, import, verify and report, as the README promises them."""

import json
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests import toy
from tests.place import Place
from tests.standin import Answer, Standin

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}"


def test_a_run_leaves_its_five_files_and_a_report(place: Place) -> None:
    with Standin("oracle", table=toy.table(wrong_every=2)) as standin:
        run = place.run_toy(standin, "--limit", 40)
    assert run.code == 0, run.text
    names = {path.name for path in (place.results / "toy").iterdir()}
    assert {"manifest.json", "journal.jsonl", "journal.idx", "scores.parquet", "summary.json"} <= names
    task = place.task()
    right = sum(toy.table(2)[toy.prompt(row)] == toy.table()[toy.prompt(row)] for row in asked_rows(standin))
    assert (task["headline"]["k"], task["headline"]["n"]) == (right, 40)
    assert task["headline"]["score"] == pytest.approx(100 * right / 40)
    summary = place.summary()
    assert (summary["schema"], summary["run_id"], summary["model"]) == (1, "toy", "toy-model")
    assert summary["journal"]["lines"] == len(place.lines())
    assert summary["spend"]["requests"] == 40
    assert summary["spend"]["usd"] == pytest.approx(standin.account_usd, abs=1e-6)
    pages = list(place.reports.rglob("index.html"))
    assert len(pages) == 1
    assert str(pages[0]) in run.text


def asked_rows(standin: Standin) -> list[dict[str, object]]:
    by_prompt = {toy.prompt(row): row for row in toy.rows()}
    return [by_prompt[body["messages"][-1]["content"]] for body in standin.chats]


def test_the_same_command_resumes_and_says_so(place: Place) -> None:
    with Standin("oracle", table=toy.table(), dialect="longcat") as standin:
        first = place("run", "toy_sum", "--profile", standin.profile_file(place.folder), "--limit", 6)
        again = place("run", "toy_sum", "--profile", standin.profile_file(place.folder), "--limit", 6)
        assert (first.code, again.code) == (0, 0)
        assert standin.asked == 12
        assert re.search(r"12 of 12 answered on \d{4}-\d\d-\d\d, nothing asked", again.text), again.text
        assert "--new" in again.text
        new = place("run", "toy_sum", "--profile", standin.profile_file(place.folder), "--limit", 6, "--new")
        assert new.code == 0
        assert standin.asked == 24
    ids = sorted(path.name for path in place.results.iterdir())
    assert len(ids) == 2
    assert all(re.fullmatch(r"[a-z0-9.-]+-[0-9a-f]{8}", name.replace("_", "-")) for name in ids)


def test_a_small_limit_is_a_prefix_of_a_larger_one(place: Place) -> None:
    with Standin("oracle", table=toy.table()) as standin:
        for limit in (5, 10):
            assert place.run_toy(standin, "--limit", limit, "--concurrency", 1, "--run-id", f"l{limit}").code == 0
        asked = [row["id"] for row in asked_rows(standin)]
        assert asked[:5] == asked[5:10]
        place.run_toy(standin, "--limit", 5, "--seed", 1, "--concurrency", 1, "--run-id", "other")
        assert [row["id"] for row in asked_rows(standin)][15:] != asked[:5]
    assert place.task("l5")["verdict"]["label"] != "reproduced"


def test_repeats_have_seeds_of_their_own_and_more_can_be_added(place: Place) -> None:
    with Standin(lambda body: Answer(f"Sum: {body['seed']}")) as standin:
        assert place.run_toy(standin, "--limit", 5, "--repeats", 2).code == 0
        assert len({body["seed"] for body in standin.chats}) == 10
        more = place("rerun", "toy_sum", "--run-id", "toy", "--repeats", 3)
        assert more.code == 0, more.text
        assert standin.asked == 15
        assert place.task()["headline"]["repeats"] == 3
        assert place.task()["counts"]["items"] == 15
        resumed = place.run_toy(standin, "--limit", 5, "--repeats", 2)
        assert resumed.code == 0, resumed.text
        assert standin.asked == 15
    assert place.task()["headline"]["repeats"] == 3


def test_counts_of_repeated_items_give_the_score(place: Place) -> None:
    with Standin("oracle", table=toy.table(wrong_every=3)) as standin:
        assert place.run_toy(standin, "--limit", 10, "--repeats", 2).code == 0
    task = place.task()
    for found in (task["headline"], task["metrics"]["accuracy"], task["score_on_completed"]):
        assert found["k"] <= found["n"]
        assert found["score"] == pytest.approx(100 * found["k"] / found["n"], abs=1e-3)


def test_time_that_is_up_and_sigterm_stop_resumable(place: Place) -> None:
    with Standin("oracle", table=toy.table(), latency=0.2) as standin:
        stopped = place.run_toy(standin, "--limit", 60, "--concurrency", 2, "--minutes", 0.02)
        assert stopped.code == 3, stopped.text
        assert 0 < len(place.answers()) == standin.asked < 60
        before = standin.asked
        process = place.start(*place.toy_words(standin, "--limit", 60, "--concurrency", 2))
        while standin.asked == before and process.poll() is None:
            time.sleep(0.01)
        process.terminate()
        out, err = process.communicate()
        assert process.returncode == 3, out + err
        assert before < len(place.answers()) == standin.asked < 60
        assert place.run_toy(standin, "--limit", 60, "--concurrency", 32).code == 0
        assert standin.asked == 60


def test_truncated_answers_asked_again_give_a_second_number_only(place: Place) -> None:
    with Standin("oracle", table=toy.table(), faults=[("length", [1, 2, 3])]) as standin:
        assert place.run_toy(standin, "--limit", 10).code == 0
        before = place.task()
        again = place("rerun", "toy_sum", "--run-id", "toy", "--only", "truncated", "--max-tokens", 9000)
        assert again.code == 0, again.text
        assert standin.asked == 13
        assert [body["max_tokens"] for body in standin.chats[10:]] == [9000] * 3
        after = place.task()
        assert after["headline"] == before["headline"]
        assert after["counts"]["truncated"] == 3
        assert "9000" in json.dumps(after)
        twice = place("rerun", "toy_sum", "--run-id", "toy", "--only", "truncated", "--max-tokens", 9000)
        assert twice.code == 0
        assert standin.asked == 13
    assert place("verify", "toy").code == 0


def test_empty_answers_can_be_asked_again_but_wrong_ones_cannot(place: Place) -> None:
    with Standin("oracle", table=toy.table(wrong_every=1), faults=[("empty-content", [1])]) as standin:
        assert place.run_toy(standin, "--limit", 5).code == 0
        again = place("rerun", "toy_sum", "--run-id", "toy", "--only", "empty", "--max-tokens", 9000)
        assert again.code == 0, again.text
        assert standin.asked == 6
        assert place("rerun", "toy_sum", "--run-id", "toy", "--only", "wrong", "--max-tokens", 9000).code == 2
        assert standin.asked == 6


def test_score_needs_no_endpoint_and_changes_nothing(place: Place) -> None:
    with Standin("oracle", table=toy.table(wrong_every=3)) as standin:
        assert place.run_toy(standin, "--limit", 30).code == 0
    before = place.summary()
    (place.results / "toy" / "scores.parquet").unlink()
    (place.results / "toy" / "summary.json").unlink()
    scored = place("score", "toy")
    assert scored.code == 0, scored.text
    assert place.summary() == before


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A run that verifies, for tests that spoil a copy of it."""
    place = Place(tmp_path_factory.mktemp("verified"))
    with Standin("oracle", table=toy.table(wrong_every=3)) as standin:
        assert place.run_toy(standin, "--limit", 9).code == 0
    assert place("verify", "toy").code == 0
    return place


@pytest.mark.xdist_group("verified")
@pytest.mark.parametrize("change", ["reply", "order", "missing", "summary", "manifest"])
def test_verify_finds_what_was_changed(verified: Place, place: Place, change: str) -> None:
    shutil.copytree(verified.results, place.results)
    run = place.results / "toy"
    journal = run / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    if change == "reply":
        lines[4] = lines[4].replace(b"Sum: ", b"Sum: 1")
    elif change == "order":
        lines[3], lines[4] = lines[4], lines[3]
    elif change == "missing":
        del lines[4]
    journal.write_bytes(b"".join(lines))
    if change == "summary":
        summary = place.summary()
        summary["tasks"]["toy_sum"]["headline"]["score"] = 99.5
        (run / "summary.json").write_text(json.dumps(summary))
    if change == "manifest":
        path = run / "manifest.json"
        path.write_bytes(path.read_bytes().replace(b"toy-model", b"new-model"))
    found = place("verify", "toy")
    assert found.code == 1, found.text
    assert "Traceback" not in found.text


def test_replies_made_elsewhere_are_scored_and_unmatched_lines_listed(place: Place, tmp_path: Path) -> None:
    rows = toy.rows()
    right = [{"id": row["id"], "response": f"Sum: {row['a'] + row['b']}"} for row in rows[:150]]
    by_prompt = [{"prompt": toy.prompt(row), "response": f"Sum: {row['a'] + row['b']}"} for row in rows[150:300]]
    wrong = [{"id": row["id"], "response": "Sum: 0"} for row in rows[300:]]
    strangers = [{"id": "no-such", "response": "x"}, {"prompt": "What is love?", "response": "x"}]
    file = tmp_path / "replies.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in (*right, *by_prompt, *wrong, *strangers)))
    imported = place("import", "toy_sum", file, "--run-id", "toy")
    assert imported.code == 0, imported.text
    headline = place.task()["headline"]
    assert (headline["k"], headline["n"]) == (300, 400)
    assert "401" in imported.text
    assert "402" in imported.text
    assert "no-such" in imported.text
    assert place("verify", "toy").code == 0
    assert place("score", "toy").code == 0
    assert all(line["envelope"]["key"] is None for line in place.lines())


def test_a_report_shows_hostile_replies_as_text(place: Place) -> None:
    with Standin("oracle", table=dict.fromkeys(toy.table(), HOSTILE), model=HOSTILE[:25]) as standin:
        assert place.run_toy(standin, "--limit", 5).code == 0
    written = place("report", "toy", "-o", place.folder / "page")
    assert written.code == 0, written.text
    page = (place.folder / "page" / "index.html").read_text("utf-8")
    assert "Toy sums" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert str(place.folder / "page" / "index.html") in written.text


def test_several_runs_make_one_report_in_a_folder_that_is_named(place: Place) -> None:
    with Standin("oracle", table=toy.table(2)) as standin:
        for name in ("one", "two"):
            assert place.run_toy(standin, "--limit", 5, "--run-id", name).code == 0
    unnamed = place("report", "one", "two")
    assert (unnamed.code, "name its folder with -o" in unnamed.err) == (2, True)
    written = place("report", "one", "two", "-o", place.folder / "both")
    assert written.code == 0, written.text
    page = (place.folder / "both" / "index.html").read_text("utf-8")
    assert "Run <code>one</code>" in page
    assert "Run <code>two</code>" in page


def test_progress_is_plain_lines_where_nobody_watches(place: Place) -> None:
    with Standin("oracle", table=toy.table()) as standin:
        run = place.start(*place.toy_words(standin, "--limit", 10))
        out, err = run.communicate()
    assert run.returncode == 0
    assert "10/10" in out + err
    assert "\r" not in out + err
    assert "\x1b" not in out + err


def interrupted(place: Place, standin: Standin, presses: int) -> tuple[int, str]:
    """Run, press Ctrl-C so often while replies 9 to 12 are under way, and give the exit code and what was printed."""
    process = place.start(*place.toy_words(standin, "--limit", 40, "--concurrency", 4))
    while standin.asked < 12 and process.poll() is None:
        time.sleep(0.01)
    for _ in range(presses):
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
    out, err = process.communicate()
    return process.returncode, out + err


def test_one_ctrl_c_finishes_what_is_in_flight(place: Place) -> None:
    with Standin("oracle", table=toy.table(), latency=1.0) as standin:
        code, said = interrupted(place, standin, 1)
        assert code == 3, said
        assert "Traceback" not in said
        assert 12 <= len(place.answers()) == standin.asked < 40
        assert place.summary()["tasks"]["toy_sum"]["counts"]["answered"] == standin.asked
    assert place("verify", "toy").code == 0


def test_a_second_ctrl_c_stops_at_once_and_the_run_goes_on_later(place: Place) -> None:
    slow = [("silence-middle", [9, 10])]
    with Standin("oracle", table=toy.table(), latency=0.5, faults=slow, silence=600.0) as standin:
        code, said = interrupted(place, standin, 2)
        assert code == 3, said
        assert "Traceback" not in said
        recorded = len(place.answers())
        assert 4 <= recorded < standin.asked
        asked = standin.asked
        end = place.run_toy(standin, "--limit", 40, "--concurrency", 16, idle_timeout_s=1.0)
        assert end.code == 0, end.text
        assert len(place.answers()) == 40
        assert standin.asked - asked - standin.met["silence-middle"] <= 40 - recorded
    assert place.task()["headline"]["score"] == 100


@pytest.mark.parametrize("at_once", [1, 256])
def test_concurrency_is_a_ceiling_that_is_reached(place: Place, at_once: int) -> None:
    with Standin("oracle", table=toy.table(), latency=0.3) as standin:
        run = place.run_toy(standin, "--limit", 20 if at_once == 1 else 400, "--concurrency", at_once)
        assert run.code == 0, run.text
        assert standin.max_in_flight <= at_once
        assert standin.max_in_flight >= min(at_once, 4)


def test_an_unexpected_task_fails_without_a_traceback(place: Place) -> None:
    with Standin("echo") as standin:
        unknown = place("run", "no_such_task", "--profile", standin.profile_file(place.folder))
    assert unknown.code == 2
    assert "no_such_task" in unknown.err
    assert "toy_sum" in unknown.err
