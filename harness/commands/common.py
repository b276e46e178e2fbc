"""What every command needs: the data folder, the closing words, a line for the person at the keyboard."""

import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.runner.execute import Ending
    from harness.runner.run import OpenRun


class Closed(NamedTuple):
    """How a command on a run ended, and where its report is."""

    code: int
    report: Path
    run: "OpenRun"


def close(
    arguments: Namespace,
    found: "OpenRun",
    summary: dict[str, Any],
    ending: "Ending | None" = None,
    wanted: int = 0,
) -> Closed:
    """Print the result and write the report."""
    from harness.report.site import write_site
    from harness.runner.closing import tell_result

    code = tell_result(found, summary, ending, wanted, arguments.command_line)
    path = write_site(
        [found.directory],
        arguments.reports / found.id,
        tasks_path=arguments.tasks_path,
        foreign=[found.directory] if found.foreign else [],
    )
    print(f"report: {path}")
    return Closed(code, path, found)


def data_dir(arguments: Namespace) -> Path | None:
    """The folder with benchmark files that the command or the environment names.

    Raises:
        UsageError: the command names a folder that is not there.
    """
    if arguments.data_dir is None:
        named = os.environ.get("LONGCAT_REPRO_DATA")
        return Path(named) if named else None
    path: Path = arguments.data_dir
    if not path.is_dir():
        raise UsageError(f"--data-dir {path}: no such folder")
    return path


def say(text: str) -> None:
    """Tell the person at the keyboard, beside what the command prints."""
    print(text, file=sys.stderr, flush=True)
