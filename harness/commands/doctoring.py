"""``doctor``: whether this machine can make the trials that are wanted, and what they would take."""

import shutil
import textwrap
from argparse import Namespace
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from harness.commands.asking import Chosen, chosen
from harness.commands.common import data_dir
from harness.commands.scaffolding import PROGRAMS, Installable, program
from harness.contract import Card
from harness.errors import HarnessError, UsageError, how_to_install
from harness.runner.registry import read_card

if TYPE_CHECKING:
    from harness.agentic.doctor import Finding, Wanted

EVERYTHING = "code"
"""The suite of all tasks that an agent tries."""
CODE, RAY, NEWER_PYTHON = "extra code", "extra ray", "python 3.12"
NEWER = (3, 12)
HARBOR = "harbor"
WIDEST = 110


def doctor(arguments: Namespace) -> int:
    """Print what was found; 2 if no trial can be made."""
    from harness.agentic.doctor import examine
    from harness.agentic.machine import look

    folder = data_dir(arguments)
    arguments.tasks = arguments.tasks or [EVERYTHING]
    tasks, repeats = chosen(arguments)
    cards = [(one, read_card(one.ref)[0]) for one in tasks]
    wanted = [
        _wanted(one, card, arguments.limit, repeats or card.repeats) for one, card in cards if card.trial is not None
    ]
    if not wanted:
        raise UsageError(f"no agent tries any item of {', '.join(arguments.tasks)}: there is nothing to examine")
    found = examine(look(), wanted, _lacks(), sandboxes=arguments.sandboxes, images_gib=arguments.images_gib)
    for one, card in cards:
        if card.trial is not None:
            found += _task(one, card, arguments.limit, folder)
    print("\n".join(told(found)))
    return 2 if any(one.level == "fail" for one in found) else 0


def told(found: Sequence["Finding"]) -> list[str]:
    """The lines that are printed, mostly no wider than the terminal."""
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
    across = max((len(one.what) for one in found), default=0)
    lines: list[str] = []
    for one in found:
        start = f"{one.level:<4}  {one.what:<{across}}  "
        blank = " " * len(start)
        lines += _wrapped(one.detail, width, start, blank)
        for line in one.remedy.strip().splitlines():
            lines += _wrapped(line.strip(), width, blank + "→ ", blank + "  ")
    failed = list(dict.fromkeys(one.what for one in found if one.level == "fail"))
    lines.append(
        f"No trial can be made until this is mended: {', '.join(failed)}." if failed else "Trials can be made here."
    )
    return lines


def _wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    """Commands and paths stay whole, so that they can be copied."""
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def _wanted(one: Chosen, card: Card, limit: int | None, repeats: int) -> "Wanted":
    from harness.agentic.doctor import Wanted
    from harness.agentic.harbor_task import HarborTask
    from harness.agentic.scaffold import GOLD
    from harness.endpoint.profile import named
    from harness.runner.plan import plan_arms
    from harness.runner.trying import agentic_task

    assert card.trial is not None
    arms, _ = plan_arms(card, named("longcat"), one.arms)
    scaffolds = {planned.arm.trial.scaffold for planned in arms.values() if planned.arm.trial} - {GOLD}
    through_harbor = isinstance(agentic_task(one.ref), HarborTask)
    return Wanted(
        task=card.name,
        items=min(limit or one.limit or card.data.rows, card.data.rows),
        arms=tuple(arms),
        repeats=repeats,
        spec=card.trial,
        needs=(CODE, *sorted(scaffolds), *((HARBOR, NEWER_PYTHON) if through_harbor else ())),
        open=tuple(n for n, planned in arms.items() if planned.arm.trial and planned.arm.trial.network == "open"),
        open_grading=card.trial.grading_network == "open",
    )


def _task(one: Chosen, card: Card, limit: int | None, folder: Path | None) -> list["Finding"]:
    """Whether the benchmark's own packages and rows are here; rows that would be downloaded are left to the run."""
    from harness.agentic.doctor import Finding
    from harness.runner.plan import in_order, load_items
    from harness.runner.trying import agentic_task

    packages, rows = f"{card.name}: packages", f"{card.name}: rows"
    try:
        agentic_task(one.ref).ready([])
    except HarnessError as error:
        return [Finding("fail", packages, str(error))]
    here = [Finding("ok", packages, "installed")]
    files = [door.path for door in card.data.doors if door.kind == "file" and door.path]
    online = [door for door in card.data.doors if door.kind != "file"]
    if folder is None or not any((folder / path).is_file() for path in files):
        if online:
            where = online[0].id or online[0].url or "the folder of the task"
            says = f"the first run reads them from {where}, if it can be reached then"
            return [*here, Finding("ok", rows, says)]
        return [*here, Finding("fail", rows, f"the data directory has none of: {', '.join(files)}", "--data-dir DIR")]
    try:
        items, _, door = load_items(one.ref, card, folder, False)
        agentic_task(one.ref).ready(in_order(items, one.ref, card)[: limit or one.limit])
    except HarnessError as error:
        return [*here, Finding("fail", rows, str(error))]
    return [*here, Finding("ok", rows, door)]


def _lacks() -> dict[str, str | None]:
    """What each program and package lacks that trials may need."""
    from harness.agentic.environments import find_python
    from harness.agentic.scaffold import NAMES, scaffold

    lacks: dict[str, str | None] = {CODE: _extra("code", "docker", "swebench"), RAY: _extra("ray", "ray")}
    for name in dict.fromkeys((*NAMES, *PROGRAMS)):
        agent: Installable = scaffold(name) if name in NAMES else program(name)
        try:
            agent.ready()
        except UsageError as error:
            lacks[name] = str(error)
        else:
            lacks[name] = None
    newer = lacks[HARBOR] is None or find_python(NEWER)
    lacks[NEWER_PYTHON] = None if newer else "no Python 3.12 or later is here, which harbor needs"
    return lacks


def _extra(extra: str, *packages: str) -> str | None:
    absent = [package for package in packages if find_spec(package) is None]
    return f"not installed: {', '.join(absent)}; {how_to_install(extra)}" if absent else None
