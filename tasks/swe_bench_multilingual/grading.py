"""One patch through the evaluation of ``swebench`` 5, in a container of ours.

The steps are those of its ``run_instance``: the patch is applied by the first of its commands that can, the evaluation
script restores the tests and runs them, and what it prints is read by the instance's parser. The container, its limits
and its time are ours; ``swebench`` puts none on it but the time.
"""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.agentic.patch_paths import git_alone_may_apply, leaves
from harness.agentic.swe import Box, Ran, prepare
from harness.agentic.terms import Graded, Infrastructure

FOLDER = "/testbed"
PATCH = "/tmp/patch.diff"
SCRIPT = "/eval.sh"
USER = "root"
APPLYING_S = 300.0
LOOKS = f"git -c 'safe.directory=*' -C {FOLDER} rev-parse --verify 'HEAD^{{commit}}'"
PRISTINE = "git checkout -- . ; git clean -fd"
UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What parsers raise on what they were not written for."""


def tested(row: Mapping[str, Any], patch: bytes, seconds: float, box: Box) -> Graded:
    """What the instance's tests say of a patch, in a fresh container of its image.

    Args:
        row: the data set's.
        patch: not empty.
        seconds: the time that the tests may take.
        box: the container.

    Raises:
        Infrastructure: the repository is not as the benchmark says.
        SandboxFailed: the engine failed.
    """
    from swebench.harness.utils import make_test_spec

    started = time.monotonic()
    spec = make_test_spec(dict(row))
    if leaves(patch):
        said, applied = b"the patch names a path outside of the repository, or in its .git", False
    else:
        prepare(box, LOOKS, APPLYING_S, f"looking at {FOLDER}")
        said, applied = apply(box, patch)
    if not applied:
        return Graded(False, "the patch does not apply", _all(row, "NOT RUN"), said, time.monotonic() - started)
    box.put(SCRIPT, spec.eval_script.encode())
    # One stream for both outputs: of two, an engine may deliver what the tests printed before the mark it follows.
    ran = box.run(["/bin/bash", "-c", f"exec /bin/bash {SCRIPT} 2>&1"], user=USER, seconds=seconds)
    taken = time.monotonic() - started
    if ran.timed_out or ran.ended is not None:
        how = "the tests ran out of time" if ran.timed_out else f"the tests ended their container ({ran.ended})"
        return Graded(False, how, _all(row, "NOT RUN"), said + ran.output, taken)
    resolved, how, tests = judged(spec, patch.decode("utf-8", "replace"), ran.output)
    return Graded(resolved, how, tests, said + ran.output, taken)


def apply(box: Box, patch: bytes) -> tuple[bytes, bool]:
    """Apply the patch by the first of swebench's commands that can; what they said, and whether one could.

    The last of them is not git's: it is left out for a patch that it could read otherwise than git.

    Raises:
        Infrastructure: the repository could not be cleaned in time.
        SandboxFailed: the engine failed.
    """
    from swebench.harness.run_evaluation import GIT_APPLY_CMDS

    box.put(PATCH, patch)
    said = []
    for number, command in enumerate(GIT_APPLY_CMDS):
        if not command.startswith("git ") and git_alone_may_apply(patch):
            continue
        if number:
            cleaned = box.run(["/bin/bash", "-c", PRISTINE], folder=FOLDER, user=USER, seconds=APPLYING_S)
            if cleaned.timed_out:
                raise Infrastructure("engine", f"cleaning {FOLDER} took longer than {APPLYING_S:.0f} s")
        ran = _git(box, command)
        said.append(f"$ {command}\n".encode() + ran.output)
        if ran.code == 0:
            return b"\n".join(said), True
    return b"\n".join(said), _git(box, "git apply --check --reverse").code == 0


def judged(spec: Any, patch: str, log: bytes) -> tuple[bool, str, dict[str, str]]:
    """Whether the instance is resolved by swebench's report on a log, why in words, and each test's status."""
    from swebench.harness.grading import get_eval_report

    wanted = [*spec.FAIL_TO_PASS, *spec.PASS_TO_PASS]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "test_output.txt")
        path.write_bytes(log.decode("utf-8", "replace").encode())
        prediction = {"instance_id": spec.instance_id, "model_name_or_path": "trial", "model_patch": patch}
        try:
            report = get_eval_report(spec, prediction, str(path), include_tests_status=True)[spec.instance_id]
        except UNREADABLE as error:
            how = f"the tests gave no result (swebench's parser: {type(error).__name__})"
            return False, how, dict.fromkeys(wanted, "NO RESULT")
    if not report["patch_successfully_applied"]:
        reason = report.get("infra_failure_reason")
        how = "the tests gave no result" + (f" ({reason})" if reason else "")
        return False, how, dict.fromkeys(wanted, "NO RESULT")
    passed = {name for part in report["tests_status"].values() for name in part["success"]}
    tests = {name: "PASSED" if name in passed else "FAILED" for name in wanted}
    return bool(report["resolved"]), "all tests passed" if report["resolved"] else "tests failed", tests


def _git(box: Box, command: str) -> Ran:
    return box.run([*command.split(), PATCH], folder=FOLDER, user=USER, seconds=APPLYING_S)


def _all(row: Mapping[str, Any], status: str) -> dict[str, str]:
    return dict.fromkeys([*row["FAIL_TO_PASS"], *row["PASS_TO_PASS"]], status)
