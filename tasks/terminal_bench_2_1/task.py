"""Terminal-Bench 2.1: work at the command line, each task in a container of its own, judged by its own tests.

Merrill et al. 2026, *Terminal-Bench: Benchmarking Agents on Hard, Realistic Tasks in Command Line Interfaces*, arXiv
2601.11868; https://github.com/harbor-framework/terminal-bench-2-1. Harbor fetches the tasks and runs them
(:mod:`harness.agentic.harbor`).

Any other set of harbor's tasks is measured the same way: a folder with a card of its own, whose rows are ``name`` and,
where the set calls it otherwise, ``task``, and a ``task.py`` that returns ``HarborTask(card, "the set's name")``.
"""

from harness.agentic.harbor_task import HarborTask
from harness.contract import Card
from harness.errors import UsageError

DATASET = "terminal-bench/terminal-bench-2-1"


def load(card: Card, seed: int, prompt: str | None = None) -> HarborTask:
    """The task; ``seed`` is not used.

    Raises:
        UsageError: a prompt is given, and every task brings its own.
    """
    if prompt is not None:
        raise UsageError(f"{card.title} takes no prompt: every task brings its own instruction")
    return HarborTask(card, DATASET)
