"""What trials leave where they were not ended in order, removed."""

from harness.agentic.harbor_leftovers import remove, sweep_harbor
from harness.sandbox import Engine, retired_owner, sweep


def sweep_dead(engine: Engine) -> int:
    """Remove what trials of dead processes left on the engine's machine, and return how many containers of ours.

    Raises:
        SandboxFailed: the engine does not say which there are.
    """
    removed = sweep(engine)
    sweep_harbor(engine)
    return removed


def sweep_own(engine: Engine) -> int:
    """Remove the containers of this process, when its trials are over, and return how many there were.

    Threads that still work on a trial begin none anew: the owner is retired, and the next trial has another.

    Raises:
        SandboxFailed: the engine does not say which there are.
    """
    owner = retired_owner()
    if owner is None:
        return 0
    try:
        removed = sweep(engine, owner.folder, owner.id)
        remove(engine, owner.id)
        return removed
    finally:
        owner.release()
