"""The command line: parses, calls the runner, and turns errors into one clear line and an exit code.

Exit codes: 0 complete, 1 verification failed, 2 usage, 3 stopped and resumable, 4 endpoint refused, 5 finished with
requests that failed for good.
"""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from harness import __version__
from harness.errors import HarnessError

TASKS_HELP = "quick, code-sample or code, or tasks, each with an arm if you like (default: quick)"
EXPORT_FORMATS = ("lm-eval", "hf-eval-results", "every-eval-ever", "csv", "parquet")


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = build_parser()
    words = sys.argv[1:] if argv is None else argv

    def parse(more: list[str]) -> argparse.Namespace:
        parsed = parser.parse_args(more)
        parsed.command_line = ["longcat-repro", *more]
        parsed.parse = parse
        return parsed

    arguments = parse(words)
    if arguments.act is None:
        parser.print_help()
        return 2
    module, _, act = arguments.act.partition(".")
    try:
        code: int = getattr(import_module(f"harness.commands.{module}"), act)(arguments)
    except HarnessError as error:
        print(f"longcat-repro: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("longcat-repro: interrupted; the same command goes on where it stopped", file=sys.stderr)
        return 3
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    return code


def build_parser() -> argparse.ArgumentParser:
    """The parser of every command and option."""
    parser = argparse.ArgumentParser(
        prog="longcat-repro",
        description="Reproduce a vendor's published benchmark numbers against any OpenAI-compatible endpoint.",
        epilog="Exit codes: 0 complete, 1 verification failed, 2 usage, 3 stopped (the same command resumes), "
        "4 endpoint refused, 5 finished with requests that failed for good.",
    )
    parser.add_argument("--version", action="version", version=f"longcat-repro {__version__}")
    parser.set_defaults(act=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    run = _command(commands, "run", "ask an endpoint, score, and write the report", "asking.run")
    run.add_argument("tasks", nargs="*", metavar="SUITE|TASK[:ARM]", help=TASKS_HELP)
    _endpoint(run)
    _places(run)
    _asking(run)
    _choices(run)
    _trying(run)
    run.add_argument("--run-id", metavar="ID", help="name of the run (default: made from what is asked for)")
    run.add_argument("--new", action="store_true", help="measure again instead of resuming")
    run.add_argument("--sample", action="store_true", help="ask the sample items; gives no verdict")
    run.add_argument("--plan", dest="plan_file", type=Path, metavar="FILE", help="a registered plan, to be kept to")
    run.add_argument("--like", metavar="MANIFEST|DIR|URL", help="repeat that run's design; only the endpoint is yours")

    plan = _command(commands, "plan", "what a run would ask, cost and be able to say; sends nothing", "planning.plan")
    plan.add_argument("tasks", nargs="*", metavar="SUITE|TASK[:ARM]", help=TASKS_HELP)
    _endpoint(plan)
    _tasks_path(plan)
    _choices(plan)
    plan.add_argument("--budget", type=_above_zero, metavar="USD", help="the budget the run is to have")
    plan.add_argument("--concurrency", type=_positive, metavar="N", help="most requests at a time")
    plan.add_argument("--tokens-per-second", type=_above_zero, metavar="N", help="speed of one reply (default 40)")
    plan.add_argument("--for-margin", type=_above_zero, metavar="POINTS", help="repeats and cost it takes, row by row")
    plan.add_argument("--register", type=Path, metavar="FILE", help="write the plan with its hash, to be published")

    rerun = _command(commands, "rerun", "go on with one task of a run: more repeats, or a second look", "asking.rerun")
    rerun.add_argument("task", metavar="TASK")
    rerun.add_argument("--run-id", required=True, metavar="ID")
    rerun.add_argument("--repeats", type=_positive, metavar="K", help="replies per item, in all")
    rerun.add_argument("--only", choices=("truncated", "empty"), help="ask these again: a second, diagnostic number")
    rerun.add_argument("--max-tokens", type=_positive, metavar="N", help="output limit of the second look")
    _places(rerun)
    _asking(rerun)
    _trying(rerun)

    gold = _command(commands, "gold", "grade a benchmark's own solutions: what this machine can judge", "golden.gold")
    gold.add_argument("task", metavar="TASK")
    gold.add_argument("--limit", type=_positive, metavar="N", help="the first N items of the seeded order")
    gold.add_argument("--seed", type=int, default=0, metavar="S", help="seed of that order (default 0)")
    gold.add_argument("--run-id", metavar="ID", help="name of the run (default: made from what is graded)")
    gold.add_argument("--new", action="store_true", help="grade again instead of resuming")
    _places(gold)
    _trying(gold)

    doctor = _command(
        commands, "doctor", "what this machine lacks for trials, and what they would take", "doctoring.doctor"
    )
    doctor.add_argument("tasks", nargs="*", metavar="SUITE|TASK[:ARM]", help="default: code, all that an agent tries")
    doctor.add_argument("--arms", default=None, metavar="A,B", help="arms to run: names, all, primary or quick")
    doctor.add_argument("--limit", type=_positive, metavar="N", help="the first N items of the seeded order")
    doctor.add_argument("--repeats", type=_positive, metavar="K", help="trials per item (default: the card's)")
    doctor.add_argument("--data-dir", type=Path, metavar="DIR", help="benchmark files (or LONGCAT_REPRO_DATA)")
    doctor.add_argument("--sandboxes", type=_positive, metavar="N", help="most trials at a time (default: what fits)")
    doctor.add_argument(
        "--images-gib", type=_above_zero, default=120.0, metavar="G", help="disk of pulled images (120)"
    )
    _tasks_path(doctor)

    audit = _command(commands, "audit", "what a printed table can and cannot show; asks nothing", "auditing.audit")
    audit.add_argument("table", nargs="?", default="longcat-2.0", metavar="TABLE", help="a name or file (longcat-2.0)")
    audit.add_argument("-o", "--output", type=Path, metavar="DIR", help="its page (default: reports/audit-TABLE)")
    audit.add_argument("--json", action="store_true", help="print the whole audit as JSON")
    _tasks_path(audit)

    tasks = _command(commands, "tasks", "list the benchmarks", "reading.tasks")
    _tasks_path(tasks)
    show = _command(commands, "show", "print a benchmark's protocol card", "reading.show")
    show.add_argument("task", metavar="TASK")
    _tasks_path(show)

    score = _command(commands, "score", "score a run again from its journal, with the endpoint closed", "reading.score")
    score.add_argument("run", metavar="RUN", help="a run id or directory")
    _places(score)

    imported = _command(commands, "import", "score replies or outcomes made elsewhere", "reading.import_replies")
    imported.add_argument("task", metavar="TASK")
    imported.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="JSON lines of {id|prompt, response}, lm-eval samples, or for trials {instance id: true|false}",
    )
    imported.add_argument("--run-id", metavar="ID")
    imported.add_argument("--model", metavar="ID", help="the model they are of, if you know it")
    imported.add_argument("--seed", type=int, default=0, metavar="S")
    imported.add_argument("--reported", metavar="NAME|FILE", help="the vendor table to compare with")
    _places(imported)

    verify = _command(commands, "verify", "check a run's chain, and its numbers against its journal", "reading.verify")
    verify.add_argument("run", metavar="RUN|DIR|URL", help="a run, or what was published of one or several")
    _places(verify)

    report = _command(commands, "report", "write one site of one or several runs", "reading.report")
    report.add_argument("runs", nargs="+", metavar="RUN")
    report.add_argument("-o", "--output", type=Path, metavar="DIR", help="folder of the report")
    report.add_argument("--plan", dest="plan_file", type=Path, metavar="FILE", help="the plan that was registered")
    report.add_argument("--disputes", type=Path, metavar="FILE", help="disputed items (YAML) whose effect to show")
    _places(report)

    publish = _command(
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
    _places(publish)

    export = _command(commands, "export", "write a run in another tool's format", "exporting.export")
    export.add_argument("run", metavar="RUN")
    export.add_argument("--format", required=True, choices=EXPORT_FORMATS, help="what to write")
    export.add_argument("-o", "--output", type=Path, metavar="DIR", help="default: RUN's folder, exports/FORMAT")
    export.add_argument("--texts", action="store_true", help="csv and parquet: with questions and replies")
    export.add_argument("--source-url", metavar="URL", help="where the run is published, for formats that say so")
    export.add_argument("--source-name", metavar="NAME", help="who publishes it")
    _places(export)

    compare = _command(commands, "compare", "compare two runs item by item", "exporting.compare")
    compare.add_argument("runs", nargs=2, metavar="RUN")
    compare.add_argument("--task", metavar="TASK", help="this task only")
    compare.add_argument("--arm", metavar="ARM", help="this arm only")
    compare.add_argument("--shown", type=_positive, default=10, metavar="N", help="most changed items to list")
    compare.add_argument("--json", action="store_true", help="for programs, with every changed item")
    _places(compare)

    gateway = _command(commands, "gateway", "offer an endpoint to other programs, through a journal", "gateway.gateway")
    _endpoint(gateway)
    _asking(gateway)
    gateway.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="listen here (default 127.0.0.1)")
    gateway.add_argument("--port", type=int, default=0, metavar="N", help="default: a free one")
    gateway.add_argument("--temperature", type=float, default=1.0, metavar="T", help="of every reply (default 1)")
    gateway.add_argument("--top-p", type=float, default=1.0, metavar="P", help="of every reply (default 1)")
    gateway.add_argument("--thinking", choices=("on", "off"), default="on", help="where the endpoint has a switch")
    gateway.add_argument("--max-tokens", type=_positive, default=32768, metavar="N", help="most tokens of a reply")
    gateway.add_argument("--run-id", metavar="ID", help="name of the journal's folder")
    gateway.add_argument("--new", action="store_true", help="a journal of its own, nothing recorded")
    _places(gateway)

    scaffold = _command(commands, "scaffold", "the agents' own programs", None)
    acts = scaffold.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _command(acts, "list", "the programs, their pinned versions, and which are here", "scaffolding.listing")
    install = _command(acts, "install", "install programs, each apart from all else", "scaffolding.install")
    install.add_argument("names", nargs="+", metavar="NAME|all")
    check = _command(acts, "check", "say which programs are not here", "scaffolding.check")
    check.add_argument("names", nargs="*", metavar="NAME", help="default: all")

    local = _command(commands, "local", "the local model", None)
    acts = local.add_subparsers(title="commands", metavar="COMMAND", required=True)
    fetch = acts.add_parser("fetch", help="install the engine and unpack the model")
    fetch.add_argument("--gguf", type=Path, metavar="FILE", help="use this model file")
    fetch.set_defaults(act="demo.local_fetch")

    demo = _command(commands, "demo", "the whole way on this machine, with the local model", "demo.demo")
    demo.add_argument("--minutes", type=float, default=5.0, help="how long to ask real prompts (default 5)")
    _places(demo)
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, help_text: str, act: str | None
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help_text, description=help_text)
    if act is not None:
        parser.set_defaults(act=act)
    return parser


def _endpoint(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("endpoint")
    group.add_argument("--endpoint", metavar="NAME", help="a profile: longcat, openrouter, siliconflow, sglang, local")
    group.add_argument("--base-url", metavar="URL", help="any OpenAI-compatible address")
    group.add_argument("--model", metavar="ID", help="the model's name there")
    group.add_argument("--api-key-env", metavar="NAME", help="environment variable that holds the key")
    group.add_argument("--profile", type=Path, metavar="FILE", help="a profile of your own (YAML)")
    group.add_argument("--provider", metavar="NAME", help="pin the provider behind a router, without fallback")


def _choices(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=_positive, metavar="N", help="the first N items of the seeded order")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S", help="seed of order, choices and requests (default 0)"
    )
    parser.add_argument("--repeats", type=_positive, metavar="K", help="replies per item (default: the card's)")
    parser.add_argument(
        "--looks", type=_positive, metavar="N", help="read the verdict N times as the run is extended (default 1)"
    )
    parser.add_argument("--arms", default=None, metavar="A,B", help="arms to run: names, all, primary or quick")
    parser.add_argument("--max-tokens", type=_positive, metavar="N", help="output limit of a reply")
    parser.add_argument("--temperature", type=float, metavar="T", help="instead of the vendor's or the card's")
    parser.add_argument("--top-p", type=float, metavar="P", help="instead of the vendor's or the card's")
    parser.add_argument(
        "--cap-usd", type=_above_zero, metavar="USD", help="most that one trial may cost (default: card)"
    )
    parser.add_argument("--prompt", action="append", default=[], metavar="TASK=FILE", help="your own prompt template")
    parser.add_argument("--reported", metavar="NAME|FILE", help="the vendor table to compare with")


def _asking(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("asking")
    group.add_argument("--budget", type=_above_zero, metavar="USD", help="never spend more than this on the run")
    group.add_argument("--yes", action="store_true", help="do not ask before a run predicted to cost more than $5")
    group.add_argument("--concurrency", type=_positive, metavar="N", help="most requests at a time")
    group.add_argument("--retries", type=_positive, default=8, metavar="N", help="attempts per request (default 8)")
    group.add_argument("--minutes", type=float, metavar="M", help="stop asking after M minutes; resumable")


def _trying(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("trials", "where an agent tries the items in containers")
    group.add_argument("--sandboxes", type=_positive, metavar="N", help="most trials at a time (default: what fits)")
    group.add_argument("--images-gib", type=_above_zero, default=120.0, metavar="G", help="disk of pulled images (120)")
    group.add_argument("--engine", choices=("here", "ray"), default="here", help="this machine, or a Ray cluster")
    group.add_argument("--ray-address", metavar="ADDRESS", help="of a running cluster (default: one started here)")
    group.add_argument("--gateway-host", metavar="ADDRESS", help="this machine, as other nodes reach it")


def _places(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("places")
    group.add_argument("--results", type=Path, default=Path("results"), metavar="DIR", help="default: results")
    group.add_argument("--reports", type=Path, default=Path("reports"), metavar="DIR", help="default: reports")
    group.add_argument("--data-dir", type=Path, metavar="DIR", help="benchmark files (or LONGCAT_REPRO_DATA)")
    _tasks_path(group)


def _tasks_path(parser: "argparse.ArgumentParser | argparse._ArgumentGroup") -> None:
    parser.add_argument("--tasks-path", type=Path, action="append", default=[], metavar="DIR", help="more task folders")


def _above_zero(text: str) -> float:
    amount = float(text)
    if not amount > 0:
        raise argparse.ArgumentTypeError("must be more than 0")
    return amount


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())
