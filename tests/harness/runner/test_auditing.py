"""The audit of a whole table."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from harness.errors import UsageError
from harness.runner.auditing import Audit, audit
from tests.harness.reported.test_claims import CLAIMS, claims_beside
from tests.harness.reported.test_load import TABLE, write


@pytest.fixture(scope="module")
def longcat() -> Audit:
    return audit("longcat-2.0")


def test_every_row_is_audited(longcat: Audit) -> None:
    assert len(longcat.rows) == 10
    assert [row.one_run for row in longcat.rows] == [
        "63 of 89",
        "435 of 731",
        "232 of 300",
        "no",
        "says nothing",
        "no",
        "487 of 541",
        "not tested",
        "327 of 400",
        "176 of 198",
    ]
    assert {row.name for row in longcat.rows if row.not_run is None} >= {
        "swe_bench_pro",
        "swe_bench_multilingual",
        "ifeval",
        "gpqa_diamond",
    }


def test_rows_that_cannot_be_run_say_why_and_only_rows_with_a_task_have_a_price(longcat: Audit) -> None:
    rows = {row.name: row for row in longcat.rows}
    assert str(rows["forte"].not_run).startswith("only 15 of 180 tasks are public")
    assert {name for name, row in rows.items() if row.price and row.price.usd} >= {
        "swe_bench_pro",
        "swe_bench_multilingual",
        "ifeval",
        "gpqa_diamond",
    }
    assert longcat.priced_by == "prices in the profile longcat (as of 2026-11)"


def test_contradictions_of_claims_come_first_among_the_findings(longcat: Audit) -> None:
    assert len(longcat.contradictions) == 2
    assert "(The Decoder) IMO-AnswerBench, 81.8 against 79.5 of GPT-5.5" in longcat.contradictions[0]
    assert longcat.findings[:2] == longcat.contradictions
    assert longcat.findings[-1].startswith(
        "Of 47 printed comparisons with other models 13 are clear of the noise of one run each over other questions "
        "like these if each is taken alone, and 4 once corrected for all 47 (Holm)."
    )
    assert sum(row.clear for row in longcat.rows) == 4
    assert [row.clear_alone for row in longcat.rows] == [0, 2, 1, 0, 4, 0, 3, 0, 3, 0]
    assert longcat.findings[2].startswith(
        "Said, and too close to call at the benchmarks' size: “It clears GPT-5.5 on SWE"
    )
    assert [finding.split(":")[0] for finding in longcat.findings[3:-1]] == ["FORTE", "RW-Search"]


def test_an_audit_is_plain_data(longcat: Audit) -> None:
    adapter = TypeAdapter(Audit)
    assert adapter.validate_json(adapter.dump_json(longcat)) == longcat


def test_a_table_of_ones_own_with_claims_beside_it(tmp_path: Path) -> None:
    found = audit(claims_beside(tmp_path, CLAIMS))
    assert (found.table, found.priced_by, len(found.rows)) == ("ours-1", None, 2)
    assert [claim.shown for claim in found.claims] == ["measured by us: not yet", "too close to call at this size"]
    assert [row.one_run for row in found.rows] == ["not tested", "not tested"]
    assert all(row.power is None and row.price is None for row in found.rows)


def test_a_table_without_claims(tmp_path: Path) -> None:
    assert audit(write(tmp_path, TABLE)).claims == []
    assert audit("smollm2-135m-instruct").claims == []


def test_disclosed_repeats_that_the_digits_refute_are_a_contradiction(tmp_path: Path) -> None:
    text = TABLE.replace("scores: [null, 70.0]", "scores: [null, 78.8]\n    items: 200")
    text = text.replace("    repeats: unknown\n    max_tokens: 1280", "    repeats: 1\n    max_tokens: 1280")
    assert audit(write(tmp_path, text)).contradictions == [
        "GPQA-diamond: 78.8 is said to be one run, and its digits refute that.",
        "GPQA-diamond: the table gives 200 questions, the task's card 198.",
    ]


def test_a_bad_table_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"line 13: rows\.ifeval\.scores: 3 entries"):
        audit(write(tmp_path, TABLE.replace("[88.5*, 90]", "[88.5*, 90, 91]")))
