"""Reading YAML written by hand: whatever is wrong with it is named with its file and line."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from harness.errors import UsageError
from harness.yamls import SafeLoader

Where = tuple[str | int, ...]
Built = TypeVar("Built")


class Conflict(Exception):
    """What is wrong with a file's contents, and where in it."""

    def __init__(self, where: Where, what: str) -> None:
        super().__init__(what)
        self.where = where


def read_text(path: str | Path, otherwise: str) -> str:
    """The text of a file.

    Raises:
        UsageError: it cannot be read; the message begins with ``otherwise``.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{otherwise} ({error}).") from error


def build_located(text: str, source: str, build: Callable[[Any], Built]) -> Built:
    """What ``build`` makes of the YAML ``text``; ``source`` names the file in messages.

    Raises:
        UsageError: the text is no YAML, lists a key twice, uses an alias, or ``build`` refused it with pydantic's
            ValidationError or a :class:`Conflict`. One line for each problem, each with its line in the file.
    """
    lines: dict[Where, int] = {(): 1}
    try:
        loader = SafeLoader(text)
        node = loader.get_single_node()
        lines.update(_lines(node, (), set()))
        return build(None if node is None else loader.construct_document(node))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{source}, line {line}: not YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{source}: not YAML: {error}.") from error
    except ValidationError as error:
        problems = [_located(source, lines, issue["loc"], issue["msg"]) for issue in error.errors()]
        raise UsageError("\n".join(problems)) from error
    except Conflict as error:
        raise UsageError(_located(source, lines, error.where, str(error))) from error


def _located(source: str, lines: dict[Where, int], where: Where, what: str) -> str:
    known = next(where[:end] for end in range(len(where), -1, -1) if where[:end] in lines)
    place = ".".join(str(step) for step in where) or "the table"
    return f"{source}, line {lines[known]}: {place}: {what}"


def _lines(node: yaml.Node | None, where: Where, seen: set[int]) -> Iterator[tuple[Where, int]]:
    """Every key's and element's line, counted from 1; a key listed twice is a conflict."""
    if isinstance(node, yaml.CollectionNode):
        if id(node) in seen:
            raise Conflict(where, "aliases (*name) are not used in a reported table; write it out")
        seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys: dict[str | int, int] = {}
        for key, value in node.value:
            here, line = (*where, str(key.value)), key.start_mark.line + 1
            yield here, line
            if here[-1] in keys:
                raise Conflict(here, f"listed twice, on lines {keys[here[-1]]} and {line}")
            keys[here[-1]] = line
            yield from _lines(value, here, seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*where, index), value.start_mark.line + 1
            yield from _lines(value, (*where, index), seen)
