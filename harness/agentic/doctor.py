"""Whether a machine can make the trials that are wanted, and what they would take: said before the first dollar.

Figures that were not measured here are said to be documented, with where and when, or to be estimates of ours.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.agentic.machine import EngineFacts, Machine
from harness.agentic.spread import default_sandboxes
from harness.contract import TrialSpec

Level = Literal["ok", "warn", "fail"]
IMAGE_GIB = 2.0
"""Disk of one instance's image, an estimate of ours: SWE-bench Verified's 500 images together take 206 GiB, so 0.4 each
(https://github.com/logic-star-ai/swe-bench-compressed), by sharing layers; those of other benchmarks share fewer."""
LEAST_FREE_GIB = 15.0
"""A few images and what is written in their containers: our choice."""
PULLS, PULLS_WITH_ACCOUNT, PULLS_HOURS = 100, 200, 6
"""https://docs.docker.com/docker-hub/usage/pulls/ since 2025-03-27: pulls in six hours of an address without account,
and of a free account. It has been as low as 10 an hour."""
METADATA = "169.254.169.254"
TRIAL_HOURS = 0.5
"""A trial with its grading, an order of magnitude of ours: 50 to 100 turns of some 20 seconds."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The trials of one task: ``items`` that are tried by each of ``arms``, ``repeats`` times.

    ``needs`` names the programs and packages without which they cannot be made. ``open`` are those of the arms whose
    agents have the network, and ``open_grading`` says whether the tests have it.
    """

    task: str
    items: int
    arms: tuple[str, ...]
    repeats: int
    spec: TrialSpec
    needs: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    open_grading: bool = False

    @property
    def trials(self) -> int:
        """How many there are."""
        return self.items * len(self.arms) * self.repeats


@dataclass(frozen=True, slots=True)
class Finding:
    """``fail``: no trial can be made until ``remedy`` is done. ``warn``: it can, and something is to be known."""

    level: Level
    what: str
    detail: str
    remedy: str = ""


def examine(
    machine: Machine,
    wanted: Sequence[Wanted],
    lacks: Mapping[str, str | None],
    *,
    sandboxes: int | None = None,
    images_gib: float = 120.0,
) -> list[Finding]:
    """Everything there is to say, in the order in which a reader would ask.

    Args:
        machine: this one.
        wanted: the trials.
        lacks: for each program or package that trials may need what it lacks, None if nothing.
        sandboxes: most trials at a time, None: what fits.
        images_gib: disk that pulled images may take.
    """
    engine = machine.engine
    if engine is None:
        first, _, rest = machine.lack.partition("\n")
        found = [Finding("fail", "engine", first, rest or "See README, code-agent rows.")]
    else:
        found = [*_engine(engine), *_room(engine, wanted, sandboxes), *_disk(engine, wanted, images_gib)]
    at_a_time = sandboxes or min((_fit(engine, one.spec) for one in wanted), default=1)
    return [*found, *_open(wanted), *_pulls(wanted), *_hours(wanted, at_a_time), *_programs(wanted, lacks)]


def _engine(engine: EngineFacts) -> Iterator[Finding]:
    yield Finding("ok", "engine", f"{engine.name} {engine.version} at {engine.address}")
    if engine.architecture == "amd64":
        yield Finding("ok", "architecture", "amd64, as the benchmarks' images")
    else:
        yield Finding(
            "fail",
            "architecture",
            f"{engine.architecture}, and the benchmarks' images are linux/amd64: emulated they would run out of time "
            "where real ones do not, and the agents' programs could not be mounted",
            "Run on an x86-64 machine.",
        )
    if engine.no_way_in:
        yield Finding(
            "fail",
            "network",
            f"a container without network could not be given its way to the model: {engine.no_way_in}",
            "Run on Linux, on the engine's own machine, as root or with a rootless engine of your own.",
        )
    else:
        yield Finding("ok", "network", "containers without network can be given their way to the model")


def _open(wanted: Sequence[Wanted]) -> Iterator[Finding]:
    for one in wanted:
        who = [f"what an agent runs ({', '.join(one.open)})"] if one.open else []
        who += ["what it wrote, while the tests run it"] if one.open_grading else []
        if who:
            yield Finding(
                "warn",
                f"{one.task}: network",
                f"{' and '.join(who)} reaches the internet from here, and with it this machine's own network and, in a "
                f"cloud, the address that gives out its credentials ({METADATA})",
                "Run on a machine with no rights and no neighbours, or have its firewall drop what containers send to "
                "private and link-local addresses (Docker: the chain DOCKER-USER)."
                + (" Agents of the other arms have no network." if set(one.arms) - set(one.open) else ""),
            )


def _fit(engine: EngineFacts | None, spec: TrialSpec) -> int:
    return default_sandboxes(engine.room, spec) if engine else 1


def _room(engine: EngineFacts, wanted: Sequence[Wanted], sandboxes: int | None) -> Iterator[Finding]:
    has = f"{engine.room.cpus:g} CPUs and {engine.room.memory_gib:.0f} GiB"
    for one in wanted:
        spec, fit = one.spec, _fit(engine, one.spec)
        each = f"{spec.cpus:g} CPUs and {spec.memory_gib:g} GiB for each trial"
        what = f"{one.task}: room"
        if engine.strict_cpus and spec.cpus > engine.room.cpus:
            yield Finding(
                "fail",
                what,
                f"{each}, and the engine's machine has {has}: Docker refuses such a container",
                f"Run on a machine of {spec.cpus:g} CPUs or more.",
            )
        elif spec.cpus > engine.room.cpus or spec.memory_gib > engine.room.memory_gib:
            yield Finding(
                "warn",
                what,
                f"{each}, and the engine's machine has {has}: not even one has its full limits, so an agent may run "
                "out of time or memory where the vendor's did not",
                "Run on a larger machine; results of this one are of other limits.",
            )
        elif sandboxes is not None and sandboxes > fit:
            yield Finding(
                "warn",
                what,
                f"{sandboxes} at a time of {each} are more than {has}: {fit} fit. The machine's memory may end what is "
                "within its own limit, and that counts as the agent's",
                f"--sandboxes {fit}, or a larger machine, or --engine ray.",
            )
        else:
            yield Finding("ok", what, f"{each}; {fit} at a time fit into {has}")


def _disk(engine: EngineFacts, wanted: Sequence[Wanted], images_gib: float) -> Iterator[Finding]:
    images = sum(one.items for one in wanted)
    needed = min(images * IMAGE_GIB, images_gib)
    says = (
        f"{images} images of about {IMAGE_GIB:g} GiB each (our estimate), at most {images_gib:g} GiB of them at a time "
        "(--images-gib)"
    )
    free = engine.free_gib
    if free is None:
        yield Finding(
            "warn", "disk", f"the engine's storage {engine.storage} cannot be seen from here; {says}", "Look there."
        )
    elif free < LEAST_FREE_GIB:
        yield Finding(
            "fail",
            "disk",
            f"{free:.0f} GiB are free at {engine.storage}; {says}",
            f"Free at least {LEAST_FREE_GIB:g} GiB, better {needed + LEAST_FREE_GIB:.0f}.",
        )
    elif free < needed + LEAST_FREE_GIB:
        yield Finding(
            "warn",
            "disk",
            f"{free:.0f} GiB are free at {engine.storage}; {says}",
            f"--images-gib {max(1, math.floor(free - LEAST_FREE_GIB))}: images are then pulled again more often.",
        )
    else:
        yield Finding("ok", "disk", f"{free:.0f} GiB are free at {engine.storage}; {says}")


def _pulls(wanted: Sequence[Wanted]) -> Iterator[Finding]:
    images = sum(one.items for one in wanted)
    says = (
        f"{images} images at most. Docker Hub documents {PULLS} pulls in {PULLS_HOURS} hours for an address without an "
        f"account and {PULLS_WITH_ACCOUNT} for a free account (docs.docker.com, 2025-03-27; not measured)"
    )
    if images <= PULLS:
        yield Finding("ok", "pulls", says)
        return
    alone, free = (PULLS_HOURS * ((images - 1) // limit) for limit in (PULLS, PULLS_WITH_ACCOUNT))
    yield Finding(
        "warn",
        "pulls",
        f"{says}: {alone} hours of waiting without, {free} with",
        "Log the engine in (docker login, podman login), with a paid account for none, or pull from a mirror.",
    )


def _hours(wanted: Sequence[Wanted], at_a_time: int) -> Iterator[Finding]:
    for one in wanted:
        typical = _span(one.trials * TRIAL_HOURS / at_a_time)
        limit = one.spec.agent_hours + one.spec.grading_minutes / 60
        most = _span(math.ceil(one.trials / at_a_time) * limit)
        yield Finding(
            "ok",
            f"{one.task}: time",
            f"{one.trials} trials ({one.items} items, {', '.join(one.arms)}, {_times(one.repeats)}), {at_a_time} at a "
            f"time: about {typical} at {TRIAL_HOURS:g} hours a trial (our order of "
            f"magnitude, not measured), {most} if every one meets its limits",
        )


def _times(repeats: int) -> str:
    return "once each" if repeats == 1 else f"{repeats} times each"


def _span(hours: float) -> str:
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"


def _programs(wanted: Sequence[Wanted], lacks: Mapping[str, str | None]) -> Iterator[Finding]:
    needed = {name for one in wanted for name in one.needs}
    for name, lack in lacks.items():
        if lack is None:
            yield Finding("ok", name, "installed")
        elif name in needed:
            yield Finding("fail", name, lack)
        else:
            yield Finding("ok", name, f"not here, and none of the arms names it: {lack}")
