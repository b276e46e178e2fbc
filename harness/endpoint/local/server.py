"""The child process: serve one model on a free loopback port for as long as the parent holds the pipe.

Standard input brings one line of JSON, ``{"model", "name", "key", "slots", "context", "threads", "parent"}``, and stays
open: its end means that the parent is gone, however it went. Standard output brings back one line, ``{"port": int}``,
once requests are answered. The key is never on the command line, where any user could read it.

Run by its path and with the standard library only, so that it is up before anything else would be imported.
"""

import json
import os
import select
import sys
from typing import Any

_PARENT_CHECK_S = 1.0


def main() -> None:
    """Serve until standard input ends or the parent process is another one."""
    settings = json.loads(sys.stdin.buffer.readline())
    server = serve(settings)
    port = int(server.listening_address.rsplit(":", 1)[1])
    sys.stdout.write(json.dumps({"port": port}) + "\n")
    sys.stdout.flush()
    # A process forked by the parent may hold the pipe open after it: hence the look at the parent as well.
    while os.getppid() == settings["parent"]:
        ready, _, _ = select.select([sys.stdin], [], [], _PARENT_CHECK_S)
        if ready and not os.read(sys.stdin.fileno(), 1):
            break
    os._exit(0)  # without waiting for a reply that is still being written


def serve(settings: dict[str, Any]) -> Any:
    """Load the model and listen. Each slot has ``context`` tokens; the engine divides what it is given among them."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = settings["model"]
    params.model_alias = {settings["name"]}
    params.api_keys = [settings["key"]]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel = settings["slots"]
    params.n_ctx = settings["slots"] * settings["context"]
    params.cpuparams.n_threads = settings["threads"]
    params.cpuparams_batch.n_threads = settings["threads"]
    params.cache_prompt = False  # a reused prefix rounds differently, and the reply would depend on what came before
    params.cache_ram_mib = 0
    params.endpoint_slots = False
    params.sampling.min_p = 0.0  # the engine's own cuts, where a request does not ask for them
    params.sampling.top_k = 0
    params.sampling.top_p = 1.0
    params.ui = False
    params.cors_origins = ""
    params.cors_credentials = False
    params.offline = True
    params.verbosity = 0
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
