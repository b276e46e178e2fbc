"""What this machine and its container engine have, as far as trials need it."""

import os
import platform
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from harness.agentic.spread import Room
from harness.errors import UsageError, how_to_install
from harness.sandbox import Engine
from harness.sandbox.limits import GIB
from harness.sandbox.netns import NoWayIn, listen

SETTLES_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """An engine that answers. ``free_gib`` None: its storage cannot be seen from here.

    ``no_way_in`` says why the network of its containers cannot be entered from here; "": it can, as far as can be told
    without a container. ``strict_cpus``: it refuses containers more CPUs than its machine has, as Docker does
    (https://github.com/moby/moby/issues/28456) and podman does not.
    """

    name: str
    version: str
    address: str
    architecture: str
    room: Room
    storage: str
    free_gib: float | None
    no_way_in: str
    strict_cpus: bool


@dataclass(frozen=True, slots=True)
class Machine:
    """``engine`` None: there is none, and ``lack`` says what to do."""

    engine: EngineFacts | None
    lack: str = ""


def look() -> Machine:
    """Ask the engine that trials would use; starts no container."""
    if find_spec("docker") is None:
        return Machine(None, f"The client of Docker's API is not installed; {how_to_install('code')}")
    try:
        engine = Engine.connect()
    except UsageError as error:
        return Machine(None, str(error))
    with engine:
        return Machine(_ask(engine))


def _ask(engine: Engine) -> EngineFacts:
    info: Mapping[str, Any] = engine.client.info()
    parts = engine.client.version().get("Components") or [{}]
    podman = "podman" in str(parts[0].get("Name", "")).lower()
    storage = str(info.get("DockerRootDir") or "")
    local = engine.address.startswith("unix://")
    return EngineFacts(
        name="podman" if podman else "Docker",
        version=engine.version,
        address=engine.address,
        architecture=engine.architecture,
        room=Room.of(engine),
        storage=storage,
        free_gib=free_gib(Path(storage)) if local and storage else None,
        no_way_in=no_way_in(engine.address, info, os.geteuid()),
        strict_cpus=not podman,
    )


def free_gib(path: Path) -> float | None:
    """Free disk of the file system that holds a folder; None where it is not on this machine, or may not be seen."""
    try:
        return shutil.disk_usage(path).free / GIB
    except OSError:
        return None


def no_way_in(address: str, info: Mapping[str, Any], user: int) -> str:
    """Why a user's process could not open a socket in the network of the engine's containers; "" if it could.

    ``info`` is what the engine says of itself.
    """
    if platform.system() != "Linux":
        return f"this is {platform.system()}: networks can be entered on Linux alone"
    if not address.startswith("unix://"):
        return f"the engine is reached by {address}, so its containers are on another machine"
    if (name := str(info.get("Name") or "")) and name != socket.gethostname():
        return f"the engine calls its machine {name!r}, this one is {socket.gethostname()!r}: their processes are apart"
    rootless = any("rootless" in str(option) for option in info.get("SecurityOptions") or ())
    if user != 0:
        return "" if rootless else "the engine is root's and this process is not"
    return _root_cannot()


def _root_cannot() -> str:
    """Enter a network of our own making, as a container's would be."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ""
    with subprocess.Popen([unshare, "--net", "sleep", "60"], stderr=subprocess.DEVNULL) as process:
        try:
            _settle(process)
            listen(process.pid).close()
        except (NoWayIn, OSError) as error:
            return str(error)
        finally:
            process.kill()
    return ""


def _settle(process: "subprocess.Popen[bytes]") -> None:
    """Wait until the process is in a network of its own."""
    ours, end = os.readlink("/proc/self/ns/net"), time.monotonic() + SETTLES_WITHIN_S
    while os.readlink(f"/proc/{process.pid}/ns/net") == ours:
        if process.poll() is not None or time.monotonic() > end:
            raise OSError("this process may make no network of its own: it lacks the capability SYS_ADMIN")
        time.sleep(0.01)
