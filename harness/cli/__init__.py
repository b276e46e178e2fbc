"""The command line: parses, calls the runner, and turns errors into one clear line and an exit code.

Exit codes: 0 complete, 1 verification failed, 2 usage, 3 stopped and resumable, 4 endpoint refused, 5 finished with
requests that failed for good.
"""

import argparse
import sys
from importlib import import_module

from harness import __version__
from harness.cli.asking import asks
from harness.cli.reading import reads
from harness.cli.serving import serves
from harness.errors import HarnessError


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
    asks(commands)
    reads(commands)
    serves(commands)
    return parser
