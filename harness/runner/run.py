"""A run from its command to its report: open or resume, ask what is missing, score, summarise."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from harness.canonical import readable_json, sha256_hex
from harness.contract import Request, Slot
from harness.endpoint.ask import Ask
from harness.endpoint.endpoint import Endpoint
from harness.endpoint.prices import Prices
from harness.endpoint.profile import Profile
from harness.endpoint.spend import Spend
from harness.errors import UsageError
from harness.journal import Journal
from harness.reported import Reported
from harness.runner import manifest as manifests
from harness.runner import summary as summaries
from harness.runner.execute import Ending, execute
from harness.runner.plan import TaskPlan, resized
from harness.runner.progress import Progress
from harness.runner.scoring import Scorer
from harness.runner.table import Table

Say = Callable[[str], None]


@dataclass(frozen=True)
class Limits:
    """How to ask, none of which changes what is asked."""

    budget: float | None = None
    concurrency: int | None = None
    retries: int = 8
    minutes: float | None = None


@dataclass(frozen=True)
class OpenRun:
    """A run directory with its manifest, which is on disk.

    ``foreign``: it is not among the user's results. Its manifest may say anything, so no folder of tasks that it names
    is kept: its cards and code are found in the package and where the command says.
    """

    directory: Path
    manifest: Mapping[str, Any]
    manifest_hash: str
    foreign: bool = False

    @property
    def id(self) -> str:
        """The run id: the directory's name."""
        return self.directory.name

    def plans(self, plans: Sequence[TaskPlan], journal: Journal) -> list[TaskPlan]:
        """The plans with as many items and repeats as the manifest says, and amendments of the journal added."""
        planned = self.planned(journal)
        return [resized(plan, planned[plan.name, "items"], planned[plan.name, "repeats"]) for plan in plans]

    def planned(self, journal: Journal) -> dict[tuple[str, str], int]:
        """How many ``items`` and ``repeats`` each task is to have, as the manifest and the journal's amendments say.

        The keys are (task, "items") and (task, "repeats").
        """
        facts = self.manifest["identity"]["tasks"]
        planned = {(name, count): facts[name][count] for name in facts for count in ("items", "repeats")}
        for entry in journal.entries("amendment"):
            place = (entry.slot.task, entry.slot.role)
            planned[place] = max(planned[place], entry.slot.repeat)
        return planned


def open_run(directory: Path, file: str = "manifest.json", *, foreign: bool = False) -> OpenRun:
    """Open an existing run, whose manifest may have another name; ``foreign`` as for :class:`OpenRun`.

    Raises:
        UsageError: there is no run, or its manifest is of another schema.
    """
    path = directory / file
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"no {file}" if directory.is_dir() else "there is no such folder"
        raise UsageError(f"{directory} holds no run ({what})") from error
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is damaged ({error}); restore it from a copy") from error
    schema = manifest.get("schema") if isinstance(manifest, dict) else None
    if schema != manifests.SCHEMA:
        raise UsageError(f"{path} has schema {schema}; this version reads {manifests.SCHEMA}")
    return OpenRun(directory, _without_folders(manifest) if foreign else manifest, sha256_hex(data), foreign)


def _without_folders(manifest: Mapping[str, Any]) -> dict[str, Any]:
    tasks = manifest.get("tasks")
    if not isinstance(tasks, Mapping):
        return dict(manifest)
    kept = {name: {**told, "folder": None} if isinstance(told, Mapping) else told for name, told in tasks.items()}
    return {**manifest, "tasks": kept}


def find_run(name: str, results: Path) -> OpenRun:
    """The run called ``name`` under ``results``, or at the path ``name``; outside of ``results`` it is foreign."""
    directory = results / name
    place = directory if directory.is_dir() else Path(name)
    return open_run(place, foreign=results.resolve() not in place.resolve().parents)


def start_or_resume(
    results: Path, run_id: str | None, new: bool, make: Callable[[int], dict[str, Any]], say: Say
) -> OpenRun:
    """Create the run that ``make(attempt)`` describes, or open it if it is there.

    Raises:
        UsageError: ``run_id`` names a run of something else; the message names the fields and both values.
    """
    attempt = 1
    manifest = make(attempt)
    directory = results / (run_id or manifests.run_id(manifest))
    while new and directory.exists():
        if run_id:
            raise UsageError(f"--new: there is a run {run_id} already; choose another --run-id or leave it out")
        attempt += 1
        manifest = make(attempt)
        directory = results / manifests.run_id(manifest)
    say(f"run {directory.name}")
    if (directory / "manifest.json").exists():
        found = open_run(directory)
        manifests.refuse_differences(found.manifest, manifest, directory.name)
        return found
    manifest_hash = manifests.write(directory, manifest)
    return OpenRun(directory, manifest, manifest_hash)


async def ask_missing(
    run: OpenRun,
    plans: Sequence[TaskPlan],
    journal: Journal,
    profile: Profile,
    key: str | None,
    limits: Limits,
    wanted: Sequence[Request],
    prices: Prices | None,
) -> tuple[Ending, dict[str, Any]]:
    """Ask those of the ``wanted`` requests that the journal has no answer to, score as replies arrive, summarise."""
    at_once = limits.concurrency or profile.concurrency
    spend = Spend(limits.budget, prices, already=spent_before(journal))
    async with Endpoint(profile, key, concurrency=at_once, retries=limits.retries) as endpoint:
        ask = Ask(journal, {"answer": endpoint}, spend)
        missing = unanswered(journal, wanted)
        with Scorer([plan.ref for plan in plans], len(missing)) as scorer:
            table = Table(run.directory, plans, profile.think_tags, scorer)
            headlines = {f"{plan.name}/{plan.primary}": plan.card.metrics[plan.card.headline].of[0] for plan in plans}
            progress = Progress(
                len(wanted),
                headlines,
                lambda: None if prices is None else spend.usd,
                trouble=lambda: endpoint.trouble,
            )
            for request in wanted:
                entry = journal.find(request.slot)
                if entry is not None and entry.status == "ok":
                    progress.answered_before(table.cached(entry))

            async def after(request: Request) -> None:
                entry = journal.find(request.slot)
                if entry is not None:
                    progress.add(await table.row(entry, journal.body(entry), ask))

            async with progress:
                seconds = 60 * limits.minutes if limits.minutes is not None else None
                ending = await execute(missing, ask, after, at_once=at_once, seconds=seconds)
            frame = await table.complete(journal, ask)
    return ending, write_summary(run, plans, journal, frame)


def unanswered(journal: Journal, wanted: Sequence[Request]) -> list[Request]:
    """Those of the requests that the journal has no complete reply to.

    Raises:
        KeyConflict: a slot holds the answer to another question.
    """
    closed = Ask(journal, None)
    return [request for request in wanted if not closed.recorded(request)]


def replies_of(journal: Journal) -> int:
    """How many requests the journal has an answer to, complete or not."""
    return sum(1 for _ in journal.entries())


def spent_before(journal: Journal) -> float:
    """USD that earlier sessions of the run spent, as the journal's lines say."""
    return sum(entry.cost or 0.0 for entry in journal.entries())


async def rescore(
    run: OpenRun, plans: Sequence[TaskPlan], journal: Journal, *, use_cache: bool = True
) -> dict[str, Any]:
    """Score a run from its journal alone and return its summary; nothing is asked, nothing written but the cache."""
    with Scorer([plan.ref for plan in plans], replies_of(journal)) as scorer:
        table = Table(run.directory, plans, think_tags(run.manifest), scorer, use_cache=use_cache)
        frame = await table.complete(journal, Ask(journal, None))
    return make_summary(run, plans, journal, frame)


def think_tags(manifest: Mapping[str, Any]) -> list[str]:
    """The think tags of the run's endpoint."""
    return list(manifest["identity"]["endpoint"].get("think_tags") or [])


def reported_of(manifest: Mapping[str, Any]) -> Reported:
    """The vendor's table as it was when the run was planned, margins included."""
    return Reported.model_validate(manifest["reported"])


def make_summary(run: OpenRun, plans: Sequence[TaskPlan], journal: Journal, frame: pd.DataFrame) -> dict[str, Any]:
    """The run's summary."""
    return summaries.build(run.manifest, plans, journal, frame, reported_of(run.manifest)) | {"run_id": run.id}


def write_summary(run: OpenRun, plans: Sequence[TaskPlan], journal: Journal, frame: pd.DataFrame) -> dict[str, Any]:
    """Write ``summary.json`` and return it."""
    summary = make_summary(run, plans, journal, frame)
    save_summary(run, summary)
    return summary


def save_summary(run: OpenRun, summary: Mapping[str, Any]) -> None:
    """Replace ``summary.json`` in one step."""
    temporary = run.directory / f"summary.json.{os.getpid()}"
    temporary.write_bytes(readable_json(summary))
    temporary.replace(run.directory / "summary.json")


def extend(journal: Journal, plans: Sequence[TaskPlan], wanted: Sequence[TaskPlan], command: Sequence[str]) -> None:
    """Record where a task is to have more items or repeats than its run had so far; fewer are no change."""
    for now, then in zip(plans, wanted, strict=True):
        for count, before, after in (
            ("items", len(now.order), len(then.order)),
            ("repeats", now.repeats, then.repeats),
        ):
            if after > before:
                body = {count: after, "before": before, "command": manifests.without_places(command)}
                journal.append("amendment", Slot(now.name, "", "", after, count), None, "ok", body).result()


def confirm(question: str, yes: bool) -> None:
    """Go on only if the user agrees.

    Raises:
        UsageError: they do not, or there is nobody to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question}\nGive --yes to go on, or --budget USD to cap it.")
    if input(f"{question} Go on? [y/N] ").strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was asked")
