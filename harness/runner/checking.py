"""``verify``: the chain of a run, and its numbers against its journal."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.errors import DataUnavailable, VerificationFailed
from harness.journal import Journal, verify
from harness.runner.manifest import differences
from harness.runner.restore import restore_plans
from harness.runner.run import OpenRun, find_run, rescore

SHOWN_PROBLEMS = 20


def check_run(name: str, results: Path, data_dir: Path | None, extra: Sequence[Path]) -> int:
    """Verify a run and print what was checked.

    Raises:
        VerificationFailed: the chain, a body, the journal's length or a number of the summary does not check out.
    """
    run = find_run(name, results)
    path = run.directory / "summary.json"
    stored = json.loads(path.read_bytes()) if path.exists() else None
    recorded = (stored["journal"]["lines"], stored["journal"]["head"]) if stored else None
    checked = verify(run.directory, run.manifest_hash, recorded)
    print(f"journal: {checked.lines} lines, head {checked.head}, {checked.redacted} redacted")
    problems = list(checked.problems)
    if stored is None:
        print("numbers: no summary.json to compare with")
    elif checked.redacted:
        print("numbers: not recomputed, because replies are redacted")
    elif not problems:
        problems += _compare(run, stored, data_dir, extra)
    if problems:
        shown = "\n".join(f"  {problem}" for problem in problems[:SHOWN_PROBLEMS])
        raise VerificationFailed(f"{run.id} does not check out ({len(problems)} problems):\n{shown}")
    print("verified: this run was not changed after it was made (which says nothing of how honestly it was made)")
    return 0


def _compare(run: OpenRun, stored: Mapping[str, Any], data_dir: Path | None, extra: Sequence[Path]) -> list[str]:
    try:
        restored = restore_plans(run.manifest, data_dir, extra)
    except DataUnavailable as error:
        print(f"numbers: not recomputed, because the questions are not to be had: {error}")
        return []
    with Journal.open(run.directory, run.manifest_hash, readonly=True) as journal:
        fresh = asyncio.run(rescore(run, run.plans(restored, journal), journal, use_cache=False))
    found = differences(stored["tasks"], json.loads(json.dumps(fresh["tasks"])))
    if not found:
        print("numbers: every one recomputed from the journal and equal")
    return [f"summary.json, {field}: it says {old!r}, the journal gives {new!r}" for field, old, new in found]
