"""swebench's own reading of what tests print: parsers of several languages on small logs."""

import json
from typing import Any

import pytest

from tasks.swe_bench_multilingual.grading import judged
from tests.needs import module

utils = module("swebench.harness.utils")

PYTEST = "PASSED t.py::a\nPASSED t.py::b\n"
GO = "=== RUN   a\n--- PASS: a (0.00s)\n=== RUN   b\n--- PASS: b (0.00s)\n"
CARGO = "test a ... ok\ntest b ... ok\n"
TAP = "ok 1 a\nok 2 b\n"
NAMES = {"parse_log_pytest": ("t.py::a", "t.py::b")}
LOGS = {"parse_log_pytest": PYTEST, "parse_log_gotest": GO, "parse_log_cargo": CARGO, "parse_log_tap": TAP}
WORSE = {"parse_log_pytest": ("PASSED t.py::b", "FAILED t.py::b"), "parse_log_gotest": ("--- PASS: b", "--- FAIL: b")}
WORSE |= {"parse_log_cargo": ("test b ... ok", "test b ... FAILED"), "parse_log_tap": ("ok 2", "not ok 2")}


def spec(parser: str) -> Any:
    one, other = NAMES.get(parser, ("a", "b"))
    row = {
        "instance_id": "x__y-1",
        "image": "x",
        "repo": "x/y",
        "version": "1",
        "FAIL_TO_PASS": json.dumps([one]),
        "PASS_TO_PASS": [other],
        "log_parser": parser,
        "eval_type": "pass_and_fail",
        "eval_script": "#!/bin/bash\n: '>>>>> Start Test Output'\ntrue\n: '>>>>> End Test Output'\n",
    }
    return utils.make_test_spec(row)


def log(text: str, code: int = 0) -> bytes:
    """A log as the evaluation script prints it."""
    return f"+ : '>>>>> Start Test Output'\n{text}+ : '>>>>> End Test Output'\n>>>>> Test Exit Code: {code}\n".encode()


@pytest.mark.parametrize("parser", LOGS)
def test_an_instance_is_resolved_when_all_its_tests_pass(parser: str) -> None:
    wanted = spec(parser)
    resolved, how, tests = judged(wanted, "diff", log(LOGS[parser]))
    assert (resolved, how, set(tests.values())) == (True, "all tests passed", {"PASSED"})
    old, new = WORSE[parser]
    resolved, how, tests = judged(wanted, "diff", log(LOGS[parser].replace(old, new), 1))
    [kept] = wanted.PASS_TO_PASS
    assert (resolved, how, tests[kept]) == (False, "tests failed", "FAILED")


def test_a_test_that_did_not_run_has_failed() -> None:
    resolved, how, tests = judged(spec("parse_log_tap"), "diff", log("ok 2 b\n"))
    assert (resolved, how, tests) == (False, "tests failed", {"a": "FAILED", "b": "PASSED"})


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (b"", "the tests gave no result"),
        (b">>>>> Start Test Output\nok 1 - a\nok 2 - b\n", "the tests gave no result"),
        (log(""), "the tests gave no result"),
        (log(TAP, 1), "the tests gave no result"),
        (log("Cannot find module 'x'\n"), "the tests gave no result (missing_module)"),
        (b"\xff\xfe", "the tests gave no result"),
    ],
)
def test_a_log_without_a_result_resolves_nothing(text: bytes, how: str) -> None:
    resolved, said, tests = judged(spec("parse_log_tap"), "diff", text)
    assert (resolved, said, tests) == (False, how, {"a": "NO RESULT", "b": "NO RESULT"})


@pytest.mark.parametrize(
    ("parser", "text"), [("parse_log_minitest", "Test = 1\n"), ("parse_log_none", TAP), ("parse_log_phpunit", "x")]
)
def test_what_a_parser_cannot_read_is_no_result(parser: str, text: str) -> None:
    resolved, said, tests = judged(spec(parser), "diff", log(text))
    assert (resolved, set(tests.values())) == (False, {"NO RESULT"})
    assert said.startswith("the tests gave no result")
