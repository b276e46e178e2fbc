"""Trials on the nodes of a Ray cluster (https://docs.ray.io): as many on each as it offers of the resource ``sandbox``.

A node is joined with ``ray start --address=HEAD:6379 --resources='{"sandbox": N}'`` and has this package installed in
the same version. Ray's own retries are off: what is tried again, and what is not, is told apart here.
"""

import asyncio
import os
import platform
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ParamSpec, TypeVar

from harness import __version__
from harness.agentic.spread import TRIES, Lost, Spread
from harness.agentic.terms import Infrastructure
from harness.errors import UsageError, how_to_install

P = ParamSpec("P")
T = TypeVar("T")
RESOURCE = "sandbox"
LOOKS_EVERY_S = 30.0
CONNECTS_WITHIN_S = 5.0
ANSWERS_WITHIN_S = 120.0
OBJECT_STORE_BYTES = 100 * 1024**2
JOIN = f"ray start --address=HEAD:6379 --resources='{{\"{RESOURCE}\": N}}'"


def need_ray() -> None:
    """Refuse, with what to install, where Ray is not."""
    if find_spec("ray") is None:
        raise UsageError(f"Ray is not installed; {how_to_install('ray')}")


@contextmanager
def ray_cluster(sandboxes: int | None, address: str | None = None) -> Iterator[Spread]:
    """A spread over the cluster at ``address``, or over one of this machine alone that ends with the context.

    The context's end ends what still runs for it; containers are left to the sweep of their node.

    Args:
        sandboxes: most functions at a time; None: as many as the nodes offer (one, where the cluster is our own).
        address: ``host:port`` of the head, or ``auto``, of a cluster that this machine is a node of.

    Raises:
        UsageError: Ray is not installed, the cluster does not answer, no node offers a sandbox, or a node does not have
            this version of the package.
    """
    need_ray()
    if address is not None:
        _reach(address)
    _connect(sandboxes or 1, address)
    try:
        most = at_a_time(sandboxes, _offers())
        check_versions()
        yield _OnRay(most, "127.0.0.1" if address is None else None)
    finally:
        _ray().shutdown()


def at_a_time(wanted: int | None, offers: Mapping[str, int]) -> int:
    """How many functions can run at a time, of those wanted, where nodes make these offers.

    Raises:
        UsageError: there are none.
    """
    offered = sum(offers.values())
    if offered < 1:
        raise UsageError(f"no node of the Ray cluster offers a {RESOURCE}; join nodes with: {JOIN}")
    return min(wanted or offered, offered)


class _OnRay:
    """Hands functions to a cluster's workers."""

    def __init__(self, sandboxes: int, head: str | None) -> None:
        ray = _ray()
        self.sandboxes = sandboxes
        self.head = head or str(ray.util.get_node_ip_address())
        self._free = asyncio.Semaphore(sandboxes)
        self._run = ray.remote(num_cpus=0, resources={RESOURCE: 1}, max_retries=0)(run_on_node)

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        for left in reversed(range(TRIES)):
            try:
                return await self.once(function, *args, **kwargs)
            except Lost as lost:
                if not left:
                    raise Infrastructure("worker", f"lost {TRIES} times; the last time {lost.detail}") from lost
        raise AssertionError("the last try returns or raises")

    async def once(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        raised = _ray("exceptions")
        async with self._free:
            reference = self._run.remote(__version__, function, args, kwargs)
            try:
                return await answer(reference.future(), _offers)
            except raised.RayError as error:
                cause = error.cause if isinstance(error, raised.RayTaskError) else error
                if not isinstance(cause, raised.RayError):
                    raise cause from error
                raise Lost(f"{type(cause).__name__}: {_first_line(cause)}") from error


async def answer(future: "Future[T]", offers: Callable[[], Mapping[str, int]], every_s: float = LOOKS_EVERY_S) -> T:
    """The result, as long as there is a node that may give it: Ray itself waits for nodes for ever.

    Args:
        future: of a function that was handed over.
        offers: tells which nodes offer sandboxes now.
        every_s: seconds between looks; after two without a node it is given up.

    Raises:
        Infrastructure: there is none.
        BaseException: what the future holds.
    """
    waiting, hopeless = asyncio.wrap_future(future), False
    waiting.add_done_callback(lambda done: done.cancelled() or done.exception())
    while not (await asyncio.wait({waiting}, timeout=every_s))[0]:
        if await asyncio.to_thread(offers):
            hopeless = False
        elif hopeless:
            raise Infrastructure("worker", f"for {every_s:g} s no node of the cluster has offered a {RESOURCE}")
        else:
            hopeless = True
    return waiting.result()


def _connect(sandboxes: int, address: str | None) -> None:
    """Connect to a cluster, or start one of this machine alone; Ray lets nobody in without its token."""
    ray = _ray()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    if address is None:
        ray.init(
            address="local",
            num_cpus=sandboxes,
            resources={RESOURCE: sandboxes},
            object_store_memory=OBJECT_STORE_BYTES,
            include_dashboard=False,
            _system_config={"memory_monitor_refresh_ms": 0},
            **quiet,
        )
        return
    try:
        ray.init(address=address, **quiet)
    except _ray("exceptions").AuthenticationError as error:
        raise UsageError(
            f"the cluster at {address} does not let this process in: {_first_line(error)}. Every node needs the same "
            "token, in ~/.ray/auth_token or RAY_AUTH_TOKEN"
        ) from error
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"no Ray cluster answers at {address}: {_first_line(error)}") from error


def _reach(address: str) -> None:
    """Make sure that something listens there: Ray itself tries for minutes, and then ends the process."""
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal()) or "/" in host:
        raise UsageError(f"a Ray cluster's address is host:port or auto, not {address!r}")
    try:
        socket.create_connection((host, int(port)), timeout=CONNECTS_WITHIN_S).close()
    except (OSError, OverflowError) as error:
        raise UsageError(f"no Ray cluster answers at {address}: {error}") from error


def _offers() -> Mapping[str, int]:
    """How many sandboxes each living node offers, by the node's id."""
    living = {node["NodeID"]: int(node["Resources"].get(RESOURCE, 0)) for node in _ray().nodes() if node["Alive"]}
    return {node: offered for node, offered in living.items() if offered}


def check_versions(ours: str = __version__) -> None:
    """Ask every node that offers sandboxes for its version of this package; what is gone meanwhile need not answer.

    Raises:
        UsageError: a node has another version, or none, or does not answer.
    """
    ray, on = _ray(), _ray("util.scheduling_strategies").NodeAffinitySchedulingStrategy

    def version() -> tuple[str, str]:
        """Travels by value, so that it runs where nothing of ours is installed."""
        from importlib.util import find_spec
        from platform import node

        if find_spec("harness") is None:
            return node(), ""
        from harness import __version__

        return node(), __version__

    asking = ray.remote(num_cpus=0, max_retries=0)(version)
    asked = [asking.options(scheduling_strategy=on(node_id=node, soft=False)).remote() for node in _offers()]
    for reference in asked:
        try:
            node, theirs = ray.get(reference, timeout=ANSWERS_WITHIN_S)
        except ray.exceptions.TaskUnschedulableError:
            continue
        except ray.exceptions.RayError as error:
            raise UsageError(f"a node of the cluster does not answer: {_first_line(error)}") from error
        if theirs != ours:
            raise UsageError(_differs(node, theirs, ours))


def run_on_node(version: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """What runs on a node; the version is looked at again, for nodes that joined late.

    Raises:
        UsageError: this node has another version of the package than the head.
    """
    if version != __version__:
        raise UsageError(_differs(platform.node(), __version__, version))
    return function(*args, **kwargs)


def _ray(part: str = "") -> Any:
    """Ray, or a module of it: imported late, and not looked into by the type checker, which may not have it."""
    return import_module(f"ray.{part}" if part else "ray")


def _differs(node: str, theirs: str, ours: str) -> str:
    has = f"has version {theirs}" if theirs else "has no version"
    return f"node {node} {has} of longcat-repro, and the head has {ours}: install the same on all nodes"


def _first_line(error: Exception) -> str:
    return next((line for line in map(str.strip, str(error).splitlines()) if line), type(error).__name__)
