"""What the words of ``run`` mean: suites, tasks, and tasks with an arm."""

from argparse import Namespace
from pathlib import Path

import pytest

from harness.commands.asking import chosen
from harness.errors import UsageError


def means(
    *words: str, arms: str | None = None, repeats: int | None = None
) -> dict[str, tuple[tuple[str, ...], int | None]]:
    """Arms and number of items by task."""
    none: list[Path] = []
    found, _ = chosen(Namespace(tasks=list(words), tasks_path=none, repeats=repeats, arms=arms))
    return {one.ref.name: (one.arms, one.limit) for one in found}


def test_the_suites() -> None:
    quick = ("quick",)
    assert means() == means("quick") == {"gpqa_diamond": (quick, None), "ifeval": (quick, None)}
    sizes = {"swe_bench_multilingual": 40, "swe_bench_pro": 60, "terminal_bench_2_1": 20}
    assert means("code-sample") == {name: (quick, size) for name, size in sizes.items()}
    assert means("code") == dict.fromkeys(sizes, (quick, None))
    assert means("code", arms="hardened")["swe_bench_pro"] == (("hardened",), None)
    with pytest.raises(UsageError, match="code is a suite: name it alone"):
        means("code", "ifeval")


def test_tasks_and_their_arms() -> None:
    assert means("swe_bench_pro:single-turn", "ifeval") == {
        "swe_bench_pro": (("single-turn",), None),
        "ifeval": (("all",), None),
    }
    assert means("ifeval", "ifeval", arms="primary") == {"ifeval": (("primary",), None)}
    with pytest.raises(UsageError, match="names an arm already"):
        means("swe_bench_pro:single-turn", arms="hardened")
    with pytest.raises(UsageError, match="swe_bench_pro is named twice: name its arms with --arms"):
        means("swe_bench_pro:single-turn", "swe_bench_pro:hardened")
    with pytest.raises(UsageError, match="no task is called 'nothing'"):
        means("nothing:arm")
