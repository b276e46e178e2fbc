"""kill -9 at random moments: what is on disk is never asked again, and the run ends as if nothing had happened."""

import os
import random
import shutil
import time
from collections.abc import Iterator

import pytest

from tests import toy
from tests.place import Place
from tests.standin import Standin

ITEMS = 300
AT_ONCE = 8
KILLS = 20 if os.environ.get("LONGCAT_REPRO_LONG") == "1" else 3
"""Each takes four seconds of a core."""


def test_kills_lose_at_most_what_was_in_flight(place: Place) -> None:
    rng = random.Random(20)
    item_of = toy.item_of()
    with Standin("oracle", table=toy.table(wrong_every=3), latency=0.12, tokens_per_s=100) as standin:
        words = place.toy_words(standin, "--limit", ITEMS, "--concurrency", AT_ONCE)
        lost = 0
        for kill in range(KILLS):
            asked_before, recorded_before = standin.asked, set(place.answers())
            process = place.start(*words)
            if kill % 4 == 0:
                time.sleep(rng.uniform(0.1, 3))
            else:
                while standin.asked == asked_before and process.poll() is None:
                    time.sleep(0.002)
                time.sleep(rng.uniform(0, 0.35))
            assert process.poll() is None, process.communicate()
            process.kill()
            process.communicate()
            while standin.in_flight:
                time.sleep(0.01)
            recorded = set(place.answers())
            asked_now = [item_of[body["messages"][-1]["content"]] for body in standin.chats[asked_before:]]
            assert not recorded_before & set(asked_now), "a recorded reply was asked again"
            assert recorded_before <= recorded, "a recorded reply was lost"
            newly_lost = len(asked_now) - len(recorded - recorded_before)
            assert 0 <= newly_lost <= AT_ONCE
            lost += newly_lost
        end = place.start(*words)
        out, err = end.communicate()
        assert end.returncode == 0, out + err
        assert len(place.answers()) == ITEMS
        assert standin.asked == ITEMS + lost
        assert ITEMS <= standin.served <= ITEMS + lost
        assert place("verify", "toy").code == 0
        undisturbed = place.run_toy(standin, "--limit", ITEMS, "--concurrency", 64, "--new")
        assert undisturbed.code == 0, undisturbed.text
    other = next(path.name for path in place.results.iterdir() if path.name != "toy")
    assert place.answers(other) == place.answers()
    for part in ("headline", "metrics", "counts", "bounds", "score_on_completed", "verdict"):
        assert place.task(other)[part] == place.task()[part]
    assert 0 < place.task()["headline"]["score"] < 100


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Standin]]:
    """A finished run of twelve items, for tests that damage a copy, and the stand-in it asked."""
    place = Place(tmp_path_factory.mktemp("twelve"))
    with Standin("oracle", table=toy.table()) as standin:
        assert place.run_toy(standin, "--limit", 12).code == 0
        yield place, standin


@pytest.mark.xdist_group("twelve")
@pytest.mark.parametrize("torn", [b'{"envelope":{"at":"2026', b'{"envelope":{}}', b"\x00" * 4096])
def test_a_torn_tail_is_set_aside(twelve: tuple[Place, Standin], place: Place, torn: bytes) -> None:
    made, standin = twelve
    shutil.copytree(made.results, place.results)
    journal = place.results / "toy" / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole + torn)
    again = place.run_toy(standin, "--limit", 12)
    assert again.code == 0, again.text
    assert standin.asked == 12
    assert journal.read_bytes() == whole
    assert [path.read_bytes() for path in journal.parent.glob("journal.torn-*")] == [torn]
    assert place("verify", "toy").code == 0


@pytest.mark.xdist_group("twelve")
@pytest.mark.parametrize("damage", ["gone", "cut", "garbage"])
def test_a_lost_index_is_rebuilt(twelve: tuple[Place, Standin], place: Place, damage: str) -> None:
    made, standin = twelve
    shutil.copytree(made.results, place.results)
    index = place.results / "toy" / "journal.idx"
    if damage == "gone":
        index.unlink()
    else:
        index.write_bytes(index.read_bytes()[: index.stat().st_size // 2] if damage == "cut" else b"\xff\x00 no")
    assert place.run_toy(standin, "--limit", 12).code == 0
    assert standin.asked == 12
    assert place("verify", "toy").code == 0


def test_a_second_writer_is_kept_out(place: Place) -> None:
    with Standin("oracle", table=toy.table(), latency=0.3) as standin:
        first = place.start(*place.toy_words(standin, "--limit", 20, "--concurrency", 1))
        while standin.asked == 0 and first.poll() is None:
            time.sleep(0.01)
        second = place.run_toy(standin, "--limit", 20, "--concurrency", 1)
        assert first.poll() is None, first.communicate()
        asked_by_both = len({body["messages"][-1]["content"] for body in standin.chats})
        first.communicate()
        assert (first.returncode, second.code) == (0, 2)
        assert "toy" in second.err
        assert standin.asked == 20 >= asked_by_both
