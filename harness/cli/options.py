"""Options that several commands share."""

import argparse
import re
from pathlib import Path


def command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, help_text: str, act: str | None
) -> argparse.ArgumentParser:
    """A command of the program; ``act`` is the module of harness.commands and the function that carries it out."""
    parser = commands.add_parser(name, help=help_text, description=help_text)
    if act is not None:
        parser.set_defaults(act=act)
    return parser


def endpoint_options(parser: argparse.ArgumentParser) -> None:
    """Which endpoint is asked."""
    group = parser.add_argument_group("endpoint")
    group.add_argument("--endpoint", metavar="NAME", help="a profile: longcat, openrouter, siliconflow, sglang, local")
    group.add_argument("--base-url", metavar="URL", help="any OpenAI-compatible address")
    group.add_argument("--model", metavar="ID", help="the model's name there")
    group.add_argument("--api-key-env", metavar="NAME", help="environment variable that holds the key")
    group.add_argument("--profile", type=Path, metavar="FILE", help="a profile of your own (YAML)")
    group.add_argument("--provider", metavar="NAME", help="pin the provider behind a router, without fallback")


def choice_options(parser: argparse.ArgumentParser) -> None:
    """What is asked, and how."""
    parser.add_argument("--limit", type=positive, metavar="N", help="the first N items of the seeded order")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S", help="seed of order, choices and requests (default 0)"
    )
    parser.add_argument("--repeats", type=positive, metavar="K", help="replies per item (default: the card's)")
    parser.add_argument(
        "--looks", type=positive, metavar="N", help="read the verdict N times as the run is extended (default 1)"
    )
    parser.add_argument("--arms", default=None, metavar="A,B", help="arms to run: names, all, primary or quick")
    parser.add_argument("--max-tokens", type=positive, metavar="N", help="output limit of a reply")
    parser.add_argument("--temperature", type=float, metavar="T", help="instead of the vendor's or the card's")
    parser.add_argument("--top-p", type=share, metavar="P", help="instead of the vendor's or the card's")
    parser.add_argument(
        "--cap-usd", type=above_zero, metavar="USD", help="most that one trial may cost (default: card)"
    )
    parser.add_argument("--prompt", action="append", default=[], metavar="TASK=FILE", help="your own prompt template")
    parser.add_argument("--reported", metavar="NAME|FILE", help="the vendor table to compare with")


def asking_options(parser: argparse.ArgumentParser) -> None:
    """How far asking may go."""
    group = parser.add_argument_group("asking")
    group.add_argument("--budget", type=above_zero, metavar="USD", help="never spend more than this on the run")
    group.add_argument("--yes", action="store_true", help="do not ask before a run predicted to cost more than $5")
    group.add_argument("--concurrency", type=positive, metavar="N", help="most requests at a time")
    group.add_argument("--retries", type=positive, default=8, metavar="N", help="attempts per request (default 8)")
    group.add_argument("--minutes", type=float, metavar="M", help="stop asking after M minutes; resumable")


def trial_options(parser: argparse.ArgumentParser) -> None:
    """Where trials are made."""
    group = parser.add_argument_group("trials", "where an agent tries the items in containers")
    group.add_argument("--sandboxes", type=positive, metavar="N", help="most trials at a time (default: what fits)")
    group.add_argument(
        "--images-gib", type=above_zero, default=120.0, metavar="G", help="disk of pulled images (default 120)"
    )
    group.add_argument("--engine", choices=("here", "ray"), default="here", help="this machine, or a Ray cluster")
    group.add_argument("--ray-address", metavar="ADDRESS", help="of a running cluster (default: one started here)")
    group.add_argument("--gateway-host", metavar="ADDRESS", help="this machine, as other nodes reach it")


def place_options(parser: argparse.ArgumentParser) -> None:
    """Folders."""
    group = parser.add_argument_group("places")
    group.add_argument("--results", type=Path, default=Path("results"), metavar="DIR", help="default: results")
    group.add_argument("--reports", type=Path, default=Path("reports"), metavar="DIR", help="default: reports")
    group.add_argument("--data-dir", type=Path, metavar="DIR", help="benchmark files (or LONGCAT_REPRO_DATA)")
    tasks_path_option(group)


def tasks_path_option(parser: "argparse.ArgumentParser | argparse._ArgumentGroup") -> None:
    """Folders with further benchmarks."""
    parser.add_argument("--tasks-path", type=Path, action="append", default=[], metavar="DIR", help="more task folders")


def above_zero(text: str) -> float:
    """A number above 0."""
    amount = float(text)
    if not amount > 0:
        raise argparse.ArgumentTypeError("must be more than 0")
    return amount


def port(text: str) -> int:
    """A port to listen on; 0 is any free one."""
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("must be 0 to 65535")
    return number


def share(text: str) -> float:
    """A number above 0 and at most 1."""
    amount = float(text)
    if not 0 < amount <= 1:
        raise argparse.ArgumentTypeError("must be above 0 and at most 1")
    return amount


def run_name(text: str) -> str:
    """The name of a run, which is also a folder's."""
    if not re.fullmatch(r"\w[\w.-]{0,199}", text, re.ASCII):
        raise argparse.ArgumentTypeError("may hold letters, digits, dots, dashes and underscores, no dot at the start")
    return text


def positive(text: str) -> int:
    """A whole number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
