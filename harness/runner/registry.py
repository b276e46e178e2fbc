"""Finds benchmarks by their folders: one of ours under ``tasks/``, or any folder of task folders given by the user."""

import importlib
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import ValidationError

from harness.canonical import sha256_hex
from harness.contract import Card, Task
from harness.errors import UsageError
from harness.yamls import read_yaml


@dataclass(frozen=True, slots=True)
class TaskRef:
    """What any process needs to load a task: its folder, the run's seed, and the user's own prompt if there is one."""

    name: str
    folder: str
    packaged: bool
    seed: int = 0
    prompt: str | None = None


def task_folders(extra: Sequence[Path] = ()) -> dict[str, TaskRef]:
    """Every task folder by name: of the package and under ``extra``, whose first folder of a name goes before all."""
    found: dict[str, TaskRef] = {}
    for root, packaged in [(Path(str(files("tasks"))), True), *((path, False) for path in reversed(extra))]:
        if not root.is_dir():
            raise UsageError(f"--tasks-path {root}: no such folder")
        for card in sorted(root.glob("*/card.yaml")):
            found[card.parent.name] = TaskRef(card.parent.name, str(card.parent), packaged)
    return found


def find_task(name: str, extra: Sequence[Path] = ()) -> TaskRef:
    """The task called ``name``.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    folders = task_folders(extra)
    if name not in folders:
        raise UsageError(f"no task is called {name!r}; there are: {', '.join(folders)}")
    return folders[name]


def read_card(ref: TaskRef) -> tuple[Card, str]:
    """The task's card and the SHA-256 of its file.

    Raises:
        UsageError: the card does not follow the schema; the message names the file and the fields.
    """
    path = Path(ref.folder, "card.yaml")
    text = path.read_bytes()
    try:
        card = _parsed(text)
    except (ValidationError, yaml.YAMLError) as error:
        raise UsageError(f"{path} is not a valid card: {error}") from error
    if card.name != ref.name:
        raise UsageError(f"{path} names itself {card.name!r}, but its folder is {ref.name!r}: they must be the same")
    return card, sha256_hex(text)


@lru_cache(maxsize=64)
def _parsed(text: bytes) -> Card:
    return Card.model_validate(read_yaml(text))


def sample_file(ref: TaskRef) -> Path:
    """The few items written for this project that stand in where the data cannot be had."""
    return Path(ref.folder, "sample.jsonl")


@cache
def load_task(ref: TaskRef) -> Task:
    """Load the task's code and build it for the run's seed."""
    card, _ = read_card(ref)
    if ref.packaged:
        module = importlib.import_module(f"tasks.{ref.name}.task")
    else:
        name = f"longcat_repro_task_{ref.name}"
        code = Path(ref.folder, "task.py")
        spec = importlib.util.spec_from_file_location(name, code) if code.is_file() else None
        if spec is None or spec.loader is None:
            raise UsageError(f"{ref.folder} has no task.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    task: Task = module.load(card, ref.seed, ref.prompt)
    return task


def parse_prompts(pairs: Sequence[str]) -> Mapping[str, str]:
    """Read ``--prompt TASK=FILE`` options into task name -> text of the file.

    Raises:
        UsageError: an option has no "=", or its file cannot be read.
    """
    prompts: dict[str, str] = {}
    for pair in pairs:
        name, separator, file = pair.partition("=")
        if not separator:
            raise UsageError(f"--prompt takes TASK=FILE, not {pair!r}")
        try:
            prompts[name] = Path(file).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"--prompt {pair}: {error}") from error
    return prompts
