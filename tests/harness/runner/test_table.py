import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from harness.contract import Reply, Request
from harness.endpoint.ask import Ask
from harness.endpoint.spend import Spend
from harness.errors import HarnessError
from harness.journal import Journal, redact
from harness.runner.plan import TaskPlan, requests
from harness.runner.table import Table
from tests.harness.runner.making import (
    THINKING,
    HereScorer,
    profile,
    record,
    record_error,
    task_folder,
    toy_answer,
    toy_plan,
)

HASH = "0" * 64
PLAN = toy_plan(limit=4)
ASKED = list(requests([PLAN], profile()))
JUDGED = """
class Task(ToySum):
    def score(self, item, repeat, arm, reply, judgements=None):
        asked = Slot(self.card.name, "thinking", item.id, repeat, "judge")
        if not judgements:
            content = f"Is it right? {reply.content}"
            message = {"role": "user", "content": content}
            return Ask((Request(asked, "judge", (message,), Sampling(0.0, 1.0), "none", 10),))
        return Score({"right": (float(judgements[asked].content == "yes"), 1.0)})
"""


class Judge:
    """Says yes."""

    def close_door(self) -> None:
        raise AssertionError("nothing stops here")

    def recorded(self, request: Request) -> dict[str, Any]:
        return request.keyed()

    async def chat(
        self, request: Request, spend: Spend | None = None, attempts: list[Mapping[str, Any]] | None = None
    ) -> Reply:
        return Reply(content="yes")


def table_of(
    folder: Path, journal: Journal, plans: Sequence[TaskPlan] = (PLAN,), ask: Ask | None = None, **options: Any
) -> tuple[pd.DataFrame, HereScorer]:
    scorer = HereScorer()
    table = Table(folder, plans, ["think"], scorer, **options)
    return asyncio.run(table.complete(journal, ask)), scorer


def answer_all(journal: Journal, asked: Sequence[Request] = ASKED, plan: TaskPlan = PLAN) -> None:
    for request in asked:
        record(journal, request, toy_answer(plan.items[request.slot.item]), cost=0.5)


def test_every_outcome_is_a_row_and_is_scored_once(tmp_path: Path) -> None:
    with Journal.open(tmp_path, HASH) as journal:
        answer_all(journal, ASKED[:2])
        record_error(journal, ASKED[2])
        frame, scorer = table_of(tmp_path, journal)
        assert list(frame["status"]) == ["ok", "ok", "error"]
        assert frame["num_right"].sum() == 2
        assert len(scorer.scored) == 2
        record(journal, ASKED[3], "Sum: no")
        again, second = table_of(tmp_path, journal)
        assert second.scored == [ASKED[3].slot.item]
        assert list(again["status"]) == ["ok", "ok", "error", "ok"]
        assert again["num_right"].sum() == 2
        fresh, third = table_of(tmp_path, journal, use_cache=False)
        assert len(third.scored) == 3
        assert list(fresh["cache_key"]) == list(again["cache_key"])


def test_think_tags_and_cards_that_changed_are_scored_again(tmp_path: Path) -> None:
    with Journal.open(tmp_path, HASH) as journal:
        answer_all(journal)
        table_of(tmp_path, journal)
        changed = replace(PLAN, card=PLAN.card.model_copy(update={"version": 2}))
        assert len(table_of(tmp_path, journal, [changed])[1].scored) == 4
        assert table_of(tmp_path, journal, [changed])[1].scored == []


def test_without_a_cache_no_file_is_written(tmp_path: Path) -> None:
    with Journal.open(tmp_path, HASH) as journal:
        answer_all(journal)
        table_of(tmp_path, journal, use_cache=False)
    assert not (tmp_path / "scores.parquet").exists()


def test_an_empty_journal_gives_an_empty_table(tmp_path: Path) -> None:
    with Journal.open(tmp_path, HASH) as journal:
        frame, _ = table_of(tmp_path, journal)
    assert len(frame) == 0
    assert not (tmp_path / "scores.parquet").exists()


def test_an_answer_after_an_error_is_the_outcome(tmp_path: Path) -> None:
    with Journal.open(tmp_path, HASH) as journal:
        record_error(journal, ASKED[0])
        answer_all(journal, ASKED[:1])
        frame, _ = table_of(tmp_path, journal)
    assert list(frame["status"]) == ["ok"]


def test_lines_outside_of_the_plan_are_left_out(tmp_path: Path) -> None:
    switch = profile(thinking=THINKING)
    wider = toy_plan(limit=4, endpoint=switch)
    with Journal.open(tmp_path, HASH) as journal:
        answer_all(journal, list(requests([wider], switch)), wider)
        frame, _ = table_of(tmp_path, journal, [toy_plan(limit=4, endpoint=switch, arms=("plain",))])
        assert set(frame["arm"]) == {"plain"}
        other, _ = table_of(tmp_path, journal, [replace(wider, card=wider.card.model_copy(update={"name": "x"}))])
        assert len(other) == 0


def test_redacted_replies_cannot_be_scored_again(tmp_path: Path) -> None:
    with Journal.open(tmp_path, HASH) as journal:
        answer_all(journal, ASKED[:1])
    path = tmp_path / "journal.jsonl"
    path.write_bytes(redact(path.read_bytes()))
    (tmp_path / "journal.idx").unlink()
    with (
        Journal.open(tmp_path, HASH, readonly=True) as journal,
        pytest.raises(HarnessError, match=f"{ASKED[0].slot.item}.*redacted"),
    ):
        table_of(tmp_path, journal)


def judged_plan(folder: Path) -> TaskPlan:
    return toy_plan(ref=task_folder(folder / "tasks", "judged", JUDGED), limit=2)


def test_a_judge_that_is_not_there_is_no_zero_and_is_asked_later(tmp_path: Path) -> None:
    plan = judged_plan(tmp_path)
    with Journal.open(tmp_path, HASH) as journal:
        answer_all(journal, list(requests([plan], profile())), plan)
        missing, _ = table_of(tmp_path, journal, [plan])
        assert list(missing["status"]) == ["unavailable"] * 2
        assert "num_right" not in missing
        closed, _ = table_of(tmp_path, journal, [plan], Ask(journal, None))
        assert list(closed["status"]) == ["unavailable"] * 2
        found, _ = table_of(tmp_path, journal, [plan], Ask(journal, {"judge": Judge()}))
        assert list(found["status"]) == ["ok"] * 2
        assert found["num_right"].sum() == 2


def test_a_judge_that_answered_is_in_the_journal(tmp_path: Path) -> None:
    plan = judged_plan(tmp_path)
    with Journal.open(tmp_path, HASH) as journal:
        answer_all(journal, list(requests([plan], profile())), plan)
        found, _ = table_of(tmp_path, journal, [plan], Ask(journal, {"judge": Judge()}))
        assert journal.lines == 4
        again, _ = table_of(tmp_path, journal, [plan], Ask(journal, None), use_cache=False)
    mine = again[again["role"] == "answer"]
    assert list(mine["status"]) == ["ok"] * 2
    assert list(mine["cache_key"]) == list(found["cache_key"])


def test_a_rule_that_raises_leaves_its_reply_unresolved(tmp_path: Path) -> None:
    code = "class Task(ToySum):\n    def score(self, item, repeat, arm, reply, judgements=None):\n        return 1 / 0"
    plan = toy_plan(ref=task_folder(tmp_path / "tasks", "raising", code), limit=2)
    with Journal.open(tmp_path, HASH) as journal:
        answer_all(journal, list(requests([plan], profile())), plan)
        frame, _ = table_of(tmp_path, journal, [plan])
        assert list(frame["status"]) == ["unavailable"] * 2
        assert plan.order[0].id in frame["fault"][0]
        assert "ZeroDivisionError" in frame["fault"][0]


def test_a_damaged_cache_is_made_again(tmp_path: Path) -> None:
    with Journal.open(tmp_path, HASH) as journal:
        answer_all(journal)
        table_of(tmp_path, journal)
        (tmp_path / "scores.parquet").write_bytes(b"PAR1 and no more")
        assert len(table_of(tmp_path, journal)[1].scored) == 4
        assert table_of(tmp_path, journal)[1].scored == []
