"""Commands that ask a model, try items, or say what that would take."""

import argparse
from pathlib import Path

from harness.cli.options import (
    above_zero,
    asking_options,
    choice_options,
    command,
    endpoint_options,
    place_options,
    positive,
    run_name,
    tasks_path_option,
    trial_options,
)

TASKS_HELP = "quick, code-sample or code, or tasks, each with an arm if you like (default: quick)"


def asks(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands."""
    run = command(commands, "run", "ask an endpoint, score, and write the report", "asking.run")
    run.add_argument("tasks", nargs="*", metavar="SUITE|TASK[:ARM]", help=TASKS_HELP)
    endpoint_options(run)
    place_options(run)
    asking_options(run)
    choice_options(run)
    trial_options(run)
    run.add_argument(
        "--run-id", type=run_name, metavar="ID", help="name of the run (default: made from what is asked for)"
    )
    run.add_argument("--new", action="store_true", help="measure again instead of resuming")
    run.add_argument("--sample", action="store_true", help="ask the sample items; gives no verdict")
    run.add_argument("--plan", dest="plan_file", type=Path, metavar="FILE", help="a registered plan, to be kept to")
    run.add_argument("--like", metavar="MANIFEST|DIR|URL", help="repeat that run's design; only the endpoint is yours")

    plan = command(commands, "plan", "what a run would ask, cost and be able to say; sends nothing", "planning.plan")
    plan.add_argument("tasks", nargs="*", metavar="SUITE|TASK[:ARM]", help=TASKS_HELP)
    endpoint_options(plan)
    tasks_path_option(plan)
    choice_options(plan)
    plan.add_argument("--budget", type=above_zero, metavar="USD", help="the budget the run is to have")
    plan.add_argument("--concurrency", type=positive, metavar="N", help="most requests at a time")
    plan.add_argument("--tokens-per-second", type=above_zero, metavar="N", help="speed of one reply (default 40)")
    plan.add_argument("--for-margin", type=above_zero, metavar="POINTS", help="repeats and cost it takes, row by row")
    plan.add_argument("--register", type=Path, metavar="FILE", help="write the plan with its hash, to be published")

    rerun = command(commands, "rerun", "go on with one task of a run: more repeats, or a second look", "asking.rerun")
    rerun.add_argument("task", metavar="TASK")
    rerun.add_argument("--run-id", required=True, metavar="ID")
    rerun.add_argument("--repeats", type=positive, metavar="K", help="replies per item, in all")
    rerun.add_argument("--only", choices=("truncated", "empty"), help="ask these again: a second, diagnostic number")
    rerun.add_argument("--max-tokens", type=positive, metavar="N", help="output limit of the second look")
    place_options(rerun)
    asking_options(rerun)
    trial_options(rerun)

    gold = command(commands, "gold", "grade a benchmark's own solutions: what this machine can judge", "golden.gold")
    gold.add_argument("task", metavar="TASK")
    gold.add_argument("--limit", type=positive, metavar="N", help="the first N items of the seeded order")
    gold.add_argument("--seed", type=int, default=0, metavar="S", help="seed of that order (default 0)")
    gold.add_argument(
        "--run-id", type=run_name, metavar="ID", help="name of the run (default: made from what is graded)"
    )
    gold.add_argument("--new", action="store_true", help="grade again instead of resuming")
    place_options(gold)
    trial_options(gold)

    doctor = command(
        commands, "doctor", "what this machine lacks for trials, and what they would take", "doctoring.doctor"
    )
    doctor.add_argument("tasks", nargs="*", metavar="SUITE|TASK[:ARM]", help="default: code, all that an agent tries")
    doctor.add_argument("--arms", default=None, metavar="A,B", help="arms to run: names, all, primary or quick")
    doctor.add_argument("--limit", type=positive, metavar="N", help="the first N items of the seeded order")
    doctor.add_argument("--repeats", type=positive, metavar="K", help="trials per item (default: the card's)")
    doctor.add_argument("--data-dir", type=Path, metavar="DIR", help="benchmark files (or LONGCAT_REPRO_DATA)")
    doctor.add_argument("--sandboxes", type=positive, metavar="N", help="most trials at a time (default: what fits)")
    doctor.add_argument(
        "--images-gib", type=above_zero, default=120.0, metavar="G", help="disk of pulled images (default 120)"
    )
    tasks_path_option(doctor)
