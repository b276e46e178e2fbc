"""``python -m tests.standin --behaviour NAME --port 0 [option=value ...]`` prints its port as JSON and serves."""

import argparse
import asyncio
import json
import sys

from tests.standin.answers import BEHAVIOURS
from tests.standin.handle import listen
from tests.standin.options import Options, behaviour_of
from tests.standin.server import Server


async def serve(server: Server, port: int) -> None:
    """Say the port on the standard output, then serve for ever."""
    listening = await listen(server, port)
    print(json.dumps({"port": listening.sockets[0].getsockname()[1]}), flush=True)
    await listening.serve_forever()


def main() -> int:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.standin", description=__doc__)
    parser.add_argument("--behaviour", default="echo", choices=[*BEHAVIOURS, "oracle", "silence"])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("options", nargs="*", metavar="option=value", help="as in tests/standin/options.py")
    arguments = parser.parse_args()
    options = Options.parse(arguments.options)
    try:
        asyncio.run(serve(Server(behaviour_of(arguments.behaviour, options), options), arguments.port))
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
