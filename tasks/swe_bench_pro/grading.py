"""One patch through SWE-bench Pro's evaluation, with limits, in a container of ours.

The protocol is that of the authors' ``swe_bench_pro_eval.py``: the repository is put at its base, the patch without its
binary files is applied, the last line of the set-up command restores the tests, the instance's script runs them and its
parser reads them. An instance is resolved if all tests that must pass are among those that did.

Other than theirs, the parser runs in a second container of the image, on what the tests printed: the tested code is
root where its tests run, and what it leaves running there could change the parser, its report, or Python itself.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from harness.agentic.diffs import without_binary
from harness.agentic.patch_paths import leaves
from harness.agentic.swe import Box, prepare
from harness.agentic.terms import Graded
from tasks.swe_bench_pro.scripts import APPLY, Scripts, base_script, parser_script, script_of_tests

WORKSPACE = "/workspace"
MOST_REPORT = 32 * 1024**2
MOST_PRINTED = 64 * 1024**2
"""Of each of the tests' two streams; the authors' evaluation has no limit."""
MOST_LOG = 8 * 1024**2
"""What is kept of each."""
APPLYING_S = 300.0
PARSING_S = 300.0
STREAMS = ("stdout.log", "stderr.log")


def tested(
    row: Mapping[str, Any], scripts: Scripts, patch: bytes, seconds: float, box: Box
) -> Graded | Callable[[Box], Graded]:
    """Run the instance's tests on a patch, in a fresh container of its image.

    What they say is read in another one, by what is returned; where they could not be run, this is the grade.

    Args:
        row: an item's inputs.
        scripts: how the tests are run and read.
        patch: not empty.
        seconds: the time that the tests may take.
        box: the container.

    Raises:
        Infrastructure: the repository could not be put at its base.
        SandboxFailed: the engine failed.
    """
    started = time.monotonic()
    wanted = [*row["fail_to_pass"], *row["pass_to_pass"]]
    head = json.dumps(scripts.told()).encode() + b"\n"

    def graded(how: str, tests: Mapping[str, str], log: bytes, *, resolved: bool = False) -> Graded:
        return Graded(resolved, how, tests, head + log, time.monotonic() - started)

    # Latin-1 takes any byte to a character and back: a patch may be of files in any encoding.
    text = without_binary(patch.decode("latin-1")).encode("latin-1")
    if not text.strip():
        return graded("the patch changes binary files only, which this benchmark leaves out", _all(wanted), b"")
    if leaves(patch):
        said = b"the patch names a path outside of the repository, or in its .git"
        return graded("the patch does not apply", _all(wanted), said)
    reset = prepare(box, base_script(row["base_commit"]), APPLYING_S, "putting the repository at its base")
    box.run(["mkdir", "-p", WORKSPACE])
    box.put(f"{WORKSPACE}/patch.diff", text)
    applied = box.run(["bash", "-c", APPLY], seconds=APPLYING_S)
    log = reset.output + applied.output
    if applied.code != 0:
        return graded("the patch does not apply", _all(wanted), log)
    box.put(f"{WORKSPACE}/run_script.sh", scripts.run_script.encode())
    script = script_of_tests(scripts, last_line(row["before_repo_set_cmd"]), row["selected_test_files_to_run"])
    box.put(f"{WORKSPACE}/tests.sh", script.encode())
    ran = box.run(["bash", f"{WORKSPACE}/tests.sh"], seconds=seconds)
    log += ran.output
    if ran.timed_out or ran.ended is not None:
        how = "the tests ran out of time" if ran.timed_out else f"the tests ended their container ({ran.ended})"
        return graded(how, _all(wanted), log)
    printed = {name: box.get(f"{WORKSPACE}/{name}", MOST_PRINTED) for name in STREAMS}
    log = b"\n".join([log, *((text or b"")[:MOST_LOG] for text in printed.values())])

    def read(other: Box) -> Graded:
        statuses, said = parsed(scripts, printed, other)
        if statuses is None:
            return graded("the tests gave no result", _all(wanted, "NO RESULT"), log + b"\n" + said)
        tests = {name: statuses.get(name, "MISSING") for name in wanted}
        resolved = all(status == "PASSED" for status in tests.values())
        how = "all tests passed" if resolved else "tests failed"
        return graded(how, tests, log + b"\n" + said, resolved=resolved)

    return read


def parsed(scripts: Scripts, printed: Mapping[str, bytes | None], box: Box) -> tuple[dict[str, str] | None, bytes]:
    """Each test's status by the instance's own parser, None if it finds no report in this; and what it said.

    Raises:
        SandboxFailed: the engine failed.
    """
    if None in printed.values():
        return None, b"the tests left no log"
    box.run(["mkdir", "-p", WORKSPACE])
    for name, text in printed.items():
        box.put(f"{WORKSPACE}/{name}", text or b"")
    box.put(f"{WORKSPACE}/parser.py", scripts.parser.encode())
    ran = box.run(["bash", "-c", parser_script(scripts)], seconds=PARSING_S)
    return statuses_in(box.get(f"{WORKSPACE}/output.json", MOST_REPORT)), ran.output


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


def _all(names: Iterable[str], status: str = "NOT RUN") -> dict[str, str]:
    return dict.fromkeys(names, status)
