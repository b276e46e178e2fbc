"""The site of one or several runs: every page, written from their files alone."""

import tempfile
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment

from harness.report.audit import with_sources
from harness.report.card import write_card
from harness.report.claims import PAGE as CLAIMS
from harness.report.claims import write_claims
from harness.report.forest import forest, line_name, run_name
from harness.report.laying import lay_report
from harness.report.pages import environment, write_assets, write_page
from harness.report.pairs import HREF as PAIRS
from harness.report.pairs import shared_tasks, write_pairs
from harness.report.parts import CAUSES, part
from harness.report.protocol import protocol
from harness.report.registered import COPIES, plan_state
from harness.report.rows import Row, rows_of
from harness.report.samples import write_samples
from harness.report.verifying import checked_by_verify
from harness.report.views import RunView, load_runs
from harness.report.writing import writing
from harness.reported import load_claims, reported_names
from harness.runner.disputes import Disputes, disputes_of


def write_site(
    runs: Sequence[Path],
    out: Path,
    *,
    disputes: Path | None = None,
    plan: Path | None = None,
    tasks_path: Sequence[Path] = (),
    foreign: Collection[Path] = (),
) -> Path:
    """Write the site of the runs in these directories to ``out`` and return its ``index.html``.

    Args:
        runs: run directories, all compared with one vendor's table.
        out: the site's folder; what an earlier report left there is replaced, and nothing else.
        disputes: a file of disputed items, whose effect is shown beside each score that it touches.
        plan: the registered plan of these runs; without it each run's own, if it was started under one.
        tasks_path: folders of task folders, beside those of the package.
        foreign: those of ``runs`` that are somebody else's; a folder that their manifest names is not read.

    Raises:
        UsageError: a run cannot be read or went on since it was scored, two are about different tables, the plan or the
            disputes cannot be used, or ``out`` holds files that are no earlier report's.
        JournalError: a run's journal is damaged.
    """
    with tempfile.TemporaryDirectory() as name:
        built = Path(name, "site")
        build_site(runs, built, disputes=disputes, plan=plan, tasks_path=tasks_path, foreign=foreign)
        lay_report(built, out)
    return out / "index.html"


def build_site(
    runs: Sequence[Path],
    out: Path,
    *,
    disputes: Path | None = None,
    plan: Path | None = None,
    tasks_path: Sequence[Path] = (),
    foreign: Collection[Path] = (),
) -> Path:
    """Write the site into a folder that holds no site yet, without a listing; else as :func:`write_site`."""
    views = load_runs(runs, tasks_path, foreign)
    disputed = disputes_of(disputes, [run.frame for run in views]) if disputes else None
    rows = rows_of(views)
    env = with_sources(environment())
    plans = {run.id: plan_state(run, plan) for run in views}
    write_assets(out)
    for state in plans.values():
        if state.file:
            (out / COPIES).mkdir(exist_ok=True)
            (out / state.file).write_bytes(state.content)
    nav = _nav(rows, views)
    for page, written in ((PAIRS, write_pairs(views, out, env, nav)), (CLAIMS, write_claims(views, out, env, nav))):
        nav = [(href, text) for href, text in nav if href != page or written]
    samples = {(run.id, task): href for run in views for task, href in write_samples(run, out, env, nav).items()}
    names = {
        (line.run.id, row.name, line.arm): line_name(row, line.run.id, line.arm) for row in rows for line in row.lines
    }
    common: dict[str, Any] = {"reported": views[0].reported, "names": names, "nav": nav}
    common["run_names"] = {run.id: run_name(run, views) for run in views}
    for row in rows:
        if row.href:
            _write_row(env, row, samples, disputed, out / row.href, common)
    fingerprints = {run.id: _counted(run, "fingerprint") for run in views}
    path = out / "provenance.html"
    facts: dict[str, Any] = {
        "plans": plans,
        "fingerprints": fingerprints,
        "checks": {run.id: checked_by_verify(run) for run in views},
    }
    write_page(env, "provenance.html.j2", path, **common, **facts, runs=views)
    write_card(env, rows, views, out / "card.png")
    return _write_index(env, rows, views, out / "index.html", {**common, "plans": plans}, _sample_links(rows, samples))


def _write_index(
    env: Environment,
    rows: Sequence[Row],
    runs: Sequence[RunView],
    path: Path,
    common: Mapping[str, Any],
    samples: Sequence[tuple[str, str]],
) -> Path:
    reported = runs[0].reported
    sampled = [run for run in runs if run.sample]
    return write_page(
        env,
        "index.html.j2",
        path,
        **common,
        runs=runs,
        rows=rows,
        groups=[(group, list(members)) for group, members in groupby(rows, key=lambda row: row.group)],
        others=[model for model in reported.models if model != reported.model],
        sample="all" if len(sampled) == len(runs) else "some" if sampled else "",
        interim=[text for row in rows for text in row.progress],
        forest=forest(rows),
        writing=writing(rows, reported),
        samples=samples,
    )


def _write_row(
    env: Environment,
    row: Row,
    samples: Mapping[tuple[str, str], str],
    disputes: Disputes | None,
    path: Path,
    common: Mapping[str, Any],
) -> Path:
    return write_page(
        env,
        "row.html.j2",
        path,
        root="../",
        **common,
        row=row,
        sample=any(run.sample for run in row.runs),
        forest=forest([row], title=f"{row.title}: reported and measured"),
        protocol=protocol(row),
        cause_words=CAUSES,
        parts=[part(row, run, samples.get((run.id, row.name)), disputes) for run in row.runs],
    )


def _nav(rows: Sequence[Row], runs: Sequence[RunView]) -> list[tuple[str, str]]:
    """Every page that this site may have."""
    table = runs[0].reported.name
    pages = [("index.html", "Verdicts"), *((row.href, row.title) for row in rows if row.href)]
    pages.append(("index.html#samples", "Samples"))
    pages += [(PAIRS, "Pairs")] if shared_tasks(runs) else []
    pages += [(CLAIMS, "Claims")] if table in reported_names() and load_claims(table) else []
    return [*pages, ("provenance.html", "Provenance")]


def _sample_links(rows: Sequence[Row], samples: Mapping[tuple[str, str], str]) -> list[tuple[str, str]]:
    """Every explorer as (href, text)."""
    return [
        (href, f"{row.title}, run {run.id}")
        for row in rows
        for run in row.runs
        if (href := samples.get((run.id, row.name)))
    ]


def _counted(run: RunView, column: str) -> dict[str, int]:
    if column not in run.frame:
        return {}
    return {str(value): int(number) for value, number in run.frame[column].dropna().value_counts().items()}
