"""``verify``: the chain of a run, and its numbers against its journal."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.differences import differences
from harness.errors import DataUnavailable, VerificationFailed
from harness.journal import Journal, verify
from harness.runner.restore import restore_plans
from harness.runner.run import OpenRun, find_run, rescore

SHOWN_PROBLEMS = 20


def check_run(name: str, results: Path, data_dir: Path | None, extra: Sequence[Path]) -> int:
    """Verify a run and print what was checked.

    Raises:
        DataUnavailable: the chain holds, but without the questions no number can be recomputed.
        VerificationFailed: the chain, a body, the journal's length or a number of the summary does not check out.
    """
    run = find_run(name, results)
    stored = _summary(run)
    checked = verify(run.directory, run.manifest_hash)
    print(f"journal: {checked.lines} lines, head {checked.head}, {checked.redacted} redacted")
    problems = list(checked.problems)
    numbers = "the numbers were NOT checked"
    if stored is None:
        print(f"{numbers}: there is no summary.json")
    elif stored["journal"]["lines"] < checked.lines:
        print(f"{numbers}: summary.json covers {stored['journal']['lines']} lines; `score {run.id}` renews it")
    elif stored["journal"] != {"lines": checked.lines, "head": checked.head}:
        problems.append(
            f"summary.json was made from {stored['journal']['lines']} lines, head {stored['journal']['head']}"
        )
    elif checked.redacted:
        print(f"{numbers}: replies are redacted")
    elif not problems:
        problems += _compare(run, stored, data_dir, extra)
        numbers = "every number was recomputed from the replies"
    if problems:
        shown = "\n".join(f"  {problem}" for problem in problems[:SHOWN_PROBLEMS])
        raise VerificationFailed(f"{run.id} does not check out, problems: {len(problems)}\n{shown}")
    print(
        f"verified: the chain holds, and {numbers}. Compare the head with one published before; the chain cannot show "
        "how honestly the run was made."
    )
    return 0


def _summary(run: OpenRun) -> dict[str, Any] | None:
    path = run.directory / "summary.json"
    try:
        summary: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise VerificationFailed(f"{path} is damaged ({error}); `score {run.id}` writes it again") from error
    return summary


def _compare(run: OpenRun, stored: dict[str, Any], data_dir: Path | None, extra: Sequence[Path]) -> list[str]:
    """How the summary differs from one made anew.

    Raises:
        DataUnavailable: it cannot be made without the questions.
    """
    try:
        restored = restore_plans(run.manifest, data_dir, extra)
    except DataUnavailable as error:
        raise DataUnavailable(f"the chain holds, but the numbers were NOT checked: {error}") from error
    with Journal.open(run.directory, run.manifest_hash, readonly=True) as journal:
        fresh = asyncio.run(rescore(run, run.plans(restored, journal), journal, use_cache=False))
    return [
        f"summary.json, {phrase}" for phrase in differences(stored | {"run_id": run.id}, json.loads(json.dumps(fresh)))
    ]
