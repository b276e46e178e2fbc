"""``verify``: the chain of a run, and its numbers against its journal, or of a redacted copy against its table."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.agentic.logs import missing_or_changed
from harness.errors import DataUnavailable, UsageError, VerificationFailed
from harness.journal import Journal, verify
from harness.runner.published import runs_at
from harness.runner.recomputing import NOT_CHECKED, Numbers
from harness.runner.run import OpenRun
from harness.runner.vendor_table import table_against_ours

SHOWN_PROBLEMS = 20


def check_run(name: str, results: Path, data_dir: Path | None, extra: Sequence[Path]) -> int:
    """Verify a run, or every run of a publication at a folder or address, and print what was checked.

    Raises:
        DataUnavailable: the chain holds, but without the questions the replies cannot be scored.
        VerificationFailed: the chain, a body, the journal's length, the vendor's table or a number of the summary does
            not check out, or a foreign run's numbers cannot be checked.
        UsageError: there is no run, or its summary is missing or older than its journal.
    """
    with runs_at(name, results) as runs:
        for run in runs:
            if len(runs) > 1:
                print(f"run {run.id}")
            tell(_checked(run, data_dir, extra) if run.foreign else check(run, data_dir, extra))
    return 0


def _checked(run: OpenRun, data_dir: Path | None, extra: Sequence[Path]) -> "Checked":
    """Check somebody else's run, whose files may hold anything."""
    try:
        return check(run, data_dir, extra)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise VerificationFailed(
            f"{run.id}: its files are not of a form that this version reads ({type(error).__name__}: {error})"
        ) from error


@dataclass(frozen=True)
class Checked:
    """What checking a run found.

    ``redacted`` counts dropped bodies; ``numbers`` says how far the numbers were checked, ``notes`` more of that;
    ``no_data`` is why replies could not be scored, though they are there.
    """

    run: OpenRun
    lines: int
    head: str
    redacted: int
    problems: list[str]
    numbers: str
    notes: list[str]
    no_data: DataUnavailable | None = None


def check(run: OpenRun, data_dir: Path | None, extra: Sequence[Path]) -> Checked:
    """Check a run's chain and its numbers.

    A task with redacted lines is checked from its table: each row against its line's envelope, the summary against the
    rows; with the sealed journal and the data beside it, from the replies too.

    Raises:
        JournalError: there is no journal, or it cannot be read.
        VerificationFailed: a file of the run is damaged.
    """
    stored = _summary(run)
    found = verify(run.directory, run.manifest_hash)
    problems, notes, numbers = list(found.problems), [], NOT_CHECKED
    no_data = None
    if not problems:
        with Journal.open(run.directory, run.manifest_hash, readonly=True) as journal:
            problems += missing_or_changed(journal, run.directory)
    if stored is None:
        notes.append("there is no summary.json")
    elif stored["journal"]["lines"] < found.lines:
        notes.append(f"summary.json covers {stored['journal']['lines']} lines; `score {run.id}` renews it")
    elif stored["journal"] != {"lines": found.lines, "head": found.head}:
        problems.append(
            f"summary.json was made from {stored['journal']['lines']} lines, head {stored['journal']['head']}"
        )
    elif not problems:
        numbers, more, notes, no_data = Numbers(run, stored, data_dir, extra).check(found.redacted)
        problems += more
    if stored is not None and run.manifest["tasks"]:
        wrong, remarks = table_against_ours(run.manifest)
        problems += wrong
        notes = [*notes, *remarks]
    return Checked(run, found.lines, found.head, found.redacted, problems, numbers, notes, no_data)


def tell(checked: Checked) -> None:
    """Print what was checked.

    Raises:
        VerificationFailed: something does not check out, or the numbers of a foreign run could not be checked.
        DataUnavailable: there are replies that could not be scored for want of the questions.
        UsageError: the numbers of one's own run could not be checked: its summary or table is missing or older.
    """
    run = checked.run
    print(f"journal: {checked.lines} lines, head {checked.head}, {checked.redacted} redacted")
    if checked.problems:
        shown = "\n".join(f"  {problem}" for problem in checked.problems[:SHOWN_PROBLEMS])
        raise VerificationFailed(f"{run.id} does not check out, problems: {len(checked.problems)}\n{shown}")
    for note in checked.notes:
        print(f"note: {note}")
    if checked.no_data is not None:
        raise DataUnavailable(f"the chain holds, but {checked.numbers}: {checked.no_data}") from checked.no_data
    if checked.numbers == NOT_CHECKED:
        why = f"{run.id}: the chain holds, but {NOT_CHECKED}"
        if run.foreign:
            raise VerificationFailed(f"{why}: nothing shows that they were made from this journal")
        raise UsageError(f"{why}; `score {run.id}` makes summary and table anew")
    print(
        f"verified: the chain holds, and {checked.numbers}. Compare the head with one published before; the chain "
        "cannot show how honestly the run was made."
    )


def _summary(run: OpenRun) -> dict[str, Any] | None:
    path = run.directory / "summary.json"
    try:
        summary: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        raise VerificationFailed(f"{path} is damaged ({error}); `score {run.id}` writes it again") from error
    return summary
