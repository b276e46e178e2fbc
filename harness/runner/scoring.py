"""Scores replies in processes of their own, while further replies arrive."""

import multiprocessing
import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from types import TracebackType

from harness.contract import Arm, Ask, Item, Reply, Score, Slot
from harness.errors import HarnessError
from harness.runner.registry import TaskRef, load_task

SCORER_DIED = "a scoring process died (out of memory?): every reply is kept, and the same command goes on from here"
_MOST = 4
_REPLIES_EACH = 200


def _start(refs: Sequence[TaskRef]) -> None:
    """Prepare a scoring process; it ends with its parent, also when that is killed."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for ref in refs:
        load_task(ref).warm()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _score(
    ref: TaskRef, item: Item, repeat: int, arm: Arm, reply: Reply, judgements: Mapping[Slot, Reply] | None
) -> Score | Ask:
    return load_task(ref).score(item, repeat, arm, reply, judgements)


class Scorer:
    """A pool of scoring processes, started with the first reply. A context manager.

    Args:
        refs: the tasks whose replies are scored.
        replies: how many about; few are not worth several processes that each import the scorers.
    """

    def __init__(self, refs: Sequence[TaskRef], replies: int) -> None:
        self._refs = tuple(refs)
        self._processes = min(_MOST, os.cpu_count() or 1, 1 + replies // _REPLIES_EACH)
        self._pool: ProcessPoolExecutor | None = None

    def submit(
        self,
        ref: TaskRef,
        item: Item,
        repeat: int,
        arm: Arm,
        reply: Reply,
        judgements: Mapping[Slot, Reply] | None = None,
    ) -> "Future[Score | Ask]":
        """Score one reply whose ``content`` is the visible answer.

        Raises:
            HarnessError: a scoring process died.
        """
        if self._pool is None:
            # Forking a process that runs an event loop and threads is not safe; a server that was started clean forks.
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([__name__])
            self._pool = ProcessPoolExecutor(self._processes, context, initializer=_start, initargs=(self._refs,))
        try:
            return self._pool.submit(_score, ref, item, repeat, arm, reply, judgements)
        except BrokenExecutor as error:
            raise HarnessError(SCORER_DIED) from error

    def __enter__(self) -> "Scorer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=error is None, cancel_futures=True)
