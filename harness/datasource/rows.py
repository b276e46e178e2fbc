"""Rows in the one form that every door gives them, and their hash."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.canonical import digest


class DoorFailed(Exception):
    """A door gave no rows, or not the pinned ones. The message says why, and what would open it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A benchmark's rows, in the benchmark's own order, each with the used columns only.

    ``door`` is a sentence for the report on where they came from; ``attempts`` are the doors that failed before it.
    """

    rows: list[dict[str, Any]]
    sha256: str
    door: str
    attempts: list[str] = field(default_factory=list)


def normalised(value: Any) -> Any:
    """``value`` without what only its container added.

    Tables on the hub pad every dict of a column with None up to the union of the keys and turn integers beside a
    missing value into floats; so None inside dicts is dropped and integral floats become integers. Strings stay exactly
    as they are.
    """
    if isinstance(value, Mapping):
        return {key: normalised(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [normalised(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def select(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], if_there: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The used columns of every row, normalised, and those of ``if_there`` that it has.

    Raises:
        DoorFailed: a row lacks one of them.
    """
    selected = []
    for number, row in enumerate(rows, start=1):
        missing = [column for column in columns if column not in row]
        if missing:
            raise DoorFailed(f"row {number} has no column {missing[0]!r}; it has {', '.join(map(repr, row))}")
        kept = [*columns, *(column for column in if_there if column in row)]
        selected.append({column: normalised(row[column]) for column in kept})
    return selected


def rows_sha256(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """SHA-256 of the canonical JSON of the list of rows, each an object of the used columns, in file order."""
    return digest(select(rows, columns))
