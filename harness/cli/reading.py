"""Commands that read what there is: tables, cards, runs. None of them asks a model."""

import argparse
from pathlib import Path

from harness.cli.options import command, place_options, positive, run_name, tasks_path_option

EXPORT_FORMATS = ("lm-eval", "hf-eval-results", "every-eval-ever", "csv", "parquet")


def reads(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands."""
    audit = command(commands, "audit", "what a printed table can and cannot show; asks nothing", "auditing.audit")
    audit.add_argument("table", nargs="?", default="longcat-2.0", metavar="TABLE", help="a name or file (longcat-2.0)")
    audit.add_argument("-o", "--output", type=Path, metavar="DIR", help="its page (default: reports/audit-TABLE)")
    audit.add_argument("--json", action="store_true", help="print the whole audit as JSON")
    tasks_path_option(audit)

    tasks = command(commands, "tasks", "list the benchmarks", "reading.tasks")
    tasks_path_option(tasks)
    show = command(commands, "show", "print a benchmark's protocol card", "reading.show")
    show.add_argument("task", metavar="TASK")
    tasks_path_option(show)

    score = command(commands, "score", "score a run again from its journal, with the endpoint closed", "reading.score")
    score.add_argument("run", metavar="RUN", help="a run id or directory")
    place_options(score)

    imported = command(commands, "import", "score replies or outcomes made elsewhere", "reading.import_replies")
    imported.add_argument("task", metavar="TASK")
    imported.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="JSON lines of {id|prompt, response}, lm-eval samples, or for trials {instance id: true|false}",
    )
    imported.add_argument("--run-id", type=run_name, metavar="ID", help="name of the run (default: made from the file)")
    imported.add_argument("--model", metavar="ID", help="the model they are of, if you know it")
    imported.add_argument(
        "--seed", type=int, default=0, metavar="S", help="seed of choices they were asked with (default 0)"
    )
    imported.add_argument("--reported", metavar="NAME|FILE", help="the vendor table to compare with")
    place_options(imported)

    verify = command(commands, "verify", "check a run's chain, and its numbers against its journal", "reading.verify")
    verify.add_argument("run", metavar="RUN|DIR|URL", help="a run, or what was published of one or several")
    place_options(verify)

    report = command(commands, "report", "write one site of one or several runs", "reading.report")
    report.add_argument("runs", nargs="+", metavar="RUN")
    report.add_argument("-o", "--output", type=Path, metavar="DIR", help="folder of the report")
    report.add_argument("--plan", dest="plan_file", type=Path, metavar="FILE", help="the plan that was registered")
    report.add_argument("--disputes", type=Path, metavar="FILE", help="disputed items (YAML) whose effect to show")
    place_options(report)

    publish = command(
        commands, "publish", "publish a report with its runs; refuses secrets and leaks", "publishing.publish"
    )
    publish.add_argument("runs", nargs="+", metavar="RUN")
    publish.add_argument(
        "--to", type=Path, metavar="DIR|FILE.zip", help="a folder (empty or published before) or a zip"
    )
    publish.add_argument("--git", metavar="REMOTE", help="a branch of this git remote; your work tree is not touched")
    publish.add_argument("--branch", default="gh-pages", metavar="NAME", help="with --git (default gh-pages)")
    publish.add_argument("--name", metavar="NAME", help="with --git: folder on the branch, or . (default: the run)")
    publish.add_argument("--space", metavar="OWNER/NAME", help="a static Hugging Face Space; token from HF_TOKEN")
    publish.add_argument("--dry-run", action="store_true", help="list the files and what is redacted; write nothing")
    publish.add_argument(
        "--sealed", action="store_true", help="add redacted journals, encrypted for holders of the data"
    )
    publish.add_argument(
        "--as-sample", action="store_true", help="sample items may go out: the page says what they are"
    )
    publish.add_argument("--interim", action="store_true", help="unfinished results may go out: the page says so")
    publish.add_argument(
        "--local-paths", action="store_true", help="manifests may go out that name folders of this machine"
    )
    publish.add_argument("--not-secret", action="append", default=[], metavar="HASH", help="looks like a key, is none")
    publish.add_argument("--disputes", type=Path, metavar="FILE", help="disputed items (YAML) whose effect to show")
    publish.add_argument("--plan", dest="plan_file", type=Path, metavar="FILE", help="the plan that was registered")
    place_options(publish)

    export = command(commands, "export", "write a run in another tool's format", "exporting.export")
    export.add_argument("run", metavar="RUN")
    export.add_argument("--format", required=True, choices=EXPORT_FORMATS, help="what to write")
    export.add_argument("-o", "--output", type=Path, metavar="DIR", help="default: RUN's folder, exports/FORMAT")
    export.add_argument("--texts", action="store_true", help="csv and parquet: with questions and replies")
    export.add_argument("--source-url", metavar="URL", help="where the run is published, for formats that say so")
    export.add_argument("--source-name", metavar="NAME", help="who publishes it")
    place_options(export)

    compare = command(commands, "compare", "compare two runs item by item", "exporting.compare")
    compare.add_argument("runs", nargs=2, metavar="RUN")
    compare.add_argument("--task", metavar="TASK", help="this task only")
    compare.add_argument("--arm", metavar="ARM", help="this arm only")
    compare.add_argument("--shown", type=positive, default=10, metavar="N", help="most changed items to list")
    compare.add_argument("--json", action="store_true", help="for programs, with every changed item")
    place_options(compare)
