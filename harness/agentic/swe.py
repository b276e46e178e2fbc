"""Trials on a repository in a container, as all benchmarks of SWE-bench's kind make them.

An agent works in the benchmark's own image; the patch that it hands in, or what it changed if its scaffold has it hand
in nothing, is graded in a fresh container of the same image (:func:`graded_in_box`), where nothing else of the agent's
is left.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from harness.agentic.hardening import hardening
from harness.agentic.patches import MOST_BYTES, SECONDS, Start, Unprepared, in_our_words, marked, taken
from harness.agentic.place import Place, place
from harness.agentic.scaffold import GOLD, Finished, Scaffold, scaffold
from harness.agentic.scaffolds.single_turn import with_files
from harness.agentic.terms import Attempted, Ended, Graded, Infrastructure, Trial
from harness.sandbox import Box, Ran
from harness.sandbox.box import SandboxFailed

__all__ = ["GOLD", "Box", "Ran", "Repository", "Step", "attempt", "graded_in_box", "prepare", "solution", "ungradable"]

PREPARING_S = 1800.0
"""How long preparing the container may take: a large history is packed anew."""
MARGIN_S = 300.0
MOST_SHOWN = 400_000
"""Bytes of a single file that is shown in a prompt."""


@dataclass(frozen=True, slots=True)
class Repository:
    """What an agent is given.

    ``folder`` is the repository in ``image``. ``instruction`` is what the scaffold is told. ``against`` names the
    commit that the benchmark applies patches to; "" is HEAD as the image has it. ``setup_author``: whose single commit
    on top of the base finishes the image. ``prepare`` is a script of the benchmark's that runs before anything else.
    ``files_to_show``: paths whose text is put after the instruction, for scaffolds that see no repository.
    """

    image: str
    folder: str
    base_commit: str
    instruction: str
    against: str = ""
    setup_author: str = ""
    prepare: str = ""
    files_to_show: tuple[str, ...] = ()


def attempt(repository: Repository, trial: Trial) -> Attempted:
    """Let the trial's scaffold work in a container of the repository's image, and take what it left.

    Raises:
        Infrastructure: image, engine or scaffold failed; never for what the agent did.
    """
    agent = scaffold(trial.arm.scaffold)
    lives_s = PREPARING_S + trial.agent_s + 2 * SECONDS + MARGIN_S
    with place(repository.image, trial, lives_s, network=trial.arm.network, mounts=agent.mounts()) as here:
        start, instruction = _prepared(here.box, repository, trial)
        finished = _worked(here, agent, repository, instruction, trial)
        patch, why = _left(here, repository, start) if finished.patch is None else _handed_in(finished.patch)
        return Attempted(
            prepared=_told(here, repository, agent, trial, start),
            ended=here.box.ended or finished.ended,
            detail="; ".join(part for part in (finished.detail, why) if part),
            seconds=finished.seconds,
            patch=patch,
            log=finished.log,
            state={"why": in_our_words(why)},
        )


Step = Callable[[Box], "Graded | Step"]
"""Finds the grade in a container, or what is to be done in another one."""


def graded_in_box(image: str, trial: Trial, work: Step, *, network: Literal["none", "open"] = "none") -> Graded:
    """What ``work`` finds in a fresh container, which lives as long as grading may take and a while for the rest.

    Where it gives another step instead of a grade, that goes on in another fresh container of the same image, which
    the tested code has never been in. A container that the tested code brought to its limits is not resolved.

    Raises:
        Infrastructure: image or engine failed.
    """
    found: Graded | Step = work
    while not isinstance(found, Graded):
        with place(image, trial, trial.grading_s + PREPARING_S + MARGIN_S, network=network, last=True) as here:
            try:
                found = found(here.box)
            except SandboxFailed as fault:
                words = f"the tests ended their container ({_IN_WORDS[here.blame(fault)]})"
                found = Graded(False, words, {}, str(fault).encode(), trial.grading_s)
    return replace(found, image=here.digest)


def prepare(box: Box, command: str, seconds: float, what: str) -> Ran:
    """Run a command of the benchmark's own, which nothing of the agent's has had a part in yet.

    Raises:
        Infrastructure: it failed, or was not done in that time.
        SandboxFailed: the engine failed.
    """
    ran = box.run(["bash", "-c", command], seconds=seconds)
    if ran.timed_out or ran.ended == "time":
        raise Infrastructure("engine", f"{what} took longer than {seconds:.0f} s")
    if ran.code != 0:
        raise Infrastructure("image", f"{what} failed: {ran.text.strip()[-500:] or ran.ended}")
    return ran


_IN_WORDS: Mapping[Ended, str] = {
    "time": "out of time",
    "memory": "out of memory",
    "disk": "out of disk",
    "crashed": "nothing can be run in it any more",
}


def solution(patch: bytes) -> Attempted:
    """What an agent would have left whose work is the benchmark's own solution."""
    return Attempted({"scaffold": GOLD}, "done", "the benchmark's own solution", 0.0, patch, b"")


def ungradable(attempted: Attempted) -> Graded | None:
    """The grade of what no container is needed for: nothing could be taken, or nothing was changed."""
    if attempted.patch is None:
        return Graded(False, f"no patch: {attempted.state.get('why') or attempted.ended}", {}, b"", 0.0)
    if not attempted.patch.strip():
        return Graded(False, "empty patch", {}, b"", 0.0)
    return None


def _prepared(box: Box, repository: Repository, trial: Trial) -> tuple[Start, str]:
    """Prepare the repository; where the agent starts, and what it is told.

    Raises:
        Infrastructure: the image is not as the benchmark says, or the engine failed.
    """
    scripts = [repository.prepare]
    if trial.arm.hardened:
        scripts.append(hardening(repository.folder, repository.base_commit, repository.setup_author))
    try:
        for script in filter(None, scripts):
            ran = box.run(["sh", "-c", script], seconds=PREPARING_S)
            if ran.code != 0:
                words = ran.text.strip()[-500:] or f"ended by {ran.ended or 'time'}"
                raise Infrastructure("image", f"{repository.image} could not be prepared: {words}")
        start = marked(box, repository.folder, repository.against)
        return start, _instruction(box, repository)
    except Unprepared as error:
        raise Infrastructure("image", f"{repository.image}: {error}") from error
    except SandboxFailed as error:
        raise Infrastructure("engine", str(error)) from error


def _instruction(box: Box, repository: Repository) -> str:
    given = {}
    for path in repository.files_to_show:
        data = box.get(f"{repository.folder}/{path}", MOST_SHOWN + 1)
        if data is not None:
            whole = len(data) <= MOST_SHOWN
            given[path] = data.decode("utf-8", "replace") if whole else "(too long to be shown)\n"
    return with_files(repository.instruction, given)


def _worked(here: Place, agent: Scaffold, repository: Repository, instruction: str, trial: Trial) -> Finished:
    try:
        return agent.run(here.box, instruction, repository.folder, trial)
    except SandboxFailed as fault:
        return Finished(here.blame(fault), str(fault), trial.agent_s, b"")


def _left(here: Place, repository: Repository, start: Start) -> tuple[bytes | None, str]:
    if here.box.ended is not None:
        return None, f"the container was ended: {_IN_WORDS[here.box.ended]}"
    try:
        return taken(here.box, repository.folder, start)
    except SandboxFailed as fault:
        return None, f"the container was made unusable: {_IN_WORDS[here.blame(fault)]}"


def _handed_in(patch: bytes) -> tuple[bytes | None, str]:
    if len(patch) > MOST_BYTES:
        return None, f"the changes are larger than {MOST_BYTES // 1024**2} MiB"
    return patch, ""


def _told(here: Place, repository: Repository, agent: Scaffold, trial: Trial, start: Start) -> dict[str, Any]:
    limits = trial.limits
    return {
        "image": repository.image,
        "digest": here.digest,
        "base_commit": repository.base_commit,
        "start": start.commit,
        "limits": {
            "cpus": limits.cpus,
            "memory_gib": limits.memory_gib,
            "disk_gib": limits.disk_gib,
            "pids": limits.pids,
            "agent_s": trial.agent_s,
            "patch_bytes": MOST_BYTES,
        },
        "scaffold": agent.name,
        "version": agent.version,
        "settings": dict(agent.settings(trial.arm)),
        "hardened": trial.arm.hardened,
        "network": trial.arm.network,
        "web_tools": trial.arm.web_tools,
    }
