"""One patch through SWE-bench Pro's evaluation, with limits, in a container of ours.

The protocol is that of the authors' ``swe_bench_pro_eval.py``: the repository is put at its base, the patch without its
binary files is applied, the last line of the set-up command restores the tests, the instance's script runs them and its
parser reads them. An instance is resolved if all tests that must pass are among those that did.
"""

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from harness.agentic.diffs import without_binary
from harness.agentic.swe import Box
from harness.agentic.terms import Graded
from tasks.swe_bench_pro.scripts import Scripts, parser_script, patch_script, script_of_tests

WORKSPACE = "/workspace"
MOST_REPORT = 32 * 1024**2
MOST_LOG = 8 * 1024**2
APPLYING_S = 300.0
PARSING_S = 300.0
AFRESH = f"cd {WORKSPACE} && rm -rf parser.py output.json"
"""So that neither the parser nor its report is the tested code's."""


def tested(row: Mapping[str, Any], scripts: Scripts, patch: bytes, seconds: float, box: Box) -> Graded:
    """What the instance's tests say of a patch, in a fresh container of its image.

    Args:
        row: an item's inputs.
        scripts: how the tests are run and read.
        patch: not empty.
        seconds: the time that the tests may take.
        box: the container.
    """
    started = time.monotonic()
    wanted = [*row["fail_to_pass"], *row["pass_to_pass"]]
    head = json.dumps(scripts.told()).encode() + b"\n"

    def graded(how: str, tests: Mapping[str, str], log: bytes, resolved: bool = False) -> Graded:
        return Graded(resolved, how, tests, head + log, time.monotonic() - started)

    # Latin-1 takes any byte to a character and back: a patch may be of files in any encoding.
    text = without_binary(patch.decode("latin-1")).encode("latin-1")
    if not text.strip():
        return graded("the patch changes binary files only, which this benchmark leaves out", _all(wanted), b"")
    box.run(["mkdir", "-p", WORKSPACE])
    box.put(f"{WORKSPACE}/patch.diff", text)
    applied = box.run(["bash", "-c", patch_script(row["base_commit"])], seconds=APPLYING_S)
    if applied.code != 0:
        return graded("the patch does not apply", _all(wanted), applied.output)
    box.put(f"{WORKSPACE}/run_script.sh", scripts.run_script.encode())
    script = script_of_tests(scripts, last_line(row["before_repo_set_cmd"]), row["selected_test_files_to_run"])
    box.put(f"{WORKSPACE}/tests.sh", script.encode())
    ran = box.run(["bash", f"{WORKSPACE}/tests.sh"], seconds=seconds)
    if ran.timed_out or ran.ended is not None:
        how = "the tests ran out of time" if ran.timed_out else f"the tests ended their container ({ran.ended})"
        return graded(how, _all(wanted), applied.output + ran.output)
    if box.run(["sh", "-c", AFRESH]).code != 0:
        return graded("the tests gave no result", _all(wanted, "NO RESULT"), applied.output + ran.output)
    box.put(f"{WORKSPACE}/parser.py", scripts.parser.encode())
    read = box.run(["bash", "-c", parser_script(scripts)], seconds=PARSING_S)
    parts = [applied.output, ran.output, *(_log(box, name) for name in ("stdout.log", "stderr.log")), read.output]
    statuses = statuses_in(box.get(f"{WORKSPACE}/output.json", MOST_REPORT))
    log = b"\n".join(parts)
    if statuses is None:
        return graded("the tests gave no result", _all(wanted, "NO RESULT"), log)
    tests = {name: statuses.get(name, "MISSING") for name in wanted}
    resolved = all(status == "PASSED" for status in tests.values())
    return graded("all tests passed" if resolved else "tests failed", tests, log, resolved)


def last_line(command: str) -> str:
    """The last line of a set-up command: the one that restores the test files."""
    return command.strip().split("\n")[-1]


def statuses_in(report: bytes | None) -> dict[str, str] | None:
    """Each test's status in a parser's report; a test that passed once has passed. None: it is no report."""
    if report is None:
        return None
    try:
        tests = json.loads(report)["tests"]
        pairs = [(str(test["name"]), str(test["status"])) for test in tests]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return dict(sorted(pairs, key=lambda pair: pair[1] == "PASSED"))


def _log(box: Box, name: str) -> bytes:
    return box.get(f"{WORKSPACE}/{name}", MOST_LOG) or b""


def _all(names: Iterable[str], status: str = "NOT RUN") -> dict[str, str]:
    return dict.fromkeys(names, status)
