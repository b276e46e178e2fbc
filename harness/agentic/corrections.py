"""Corrections to a benchmark: instances that cannot be judged, and tests that ask for what no statement says.

A vendor may have corrected tasks without listing them. What is publicly known stands in a file beside the task; what
the rest may amount to is given as bounds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from harness.canonical import sha256_hex
from harness.contract import Outcome
from harness.errors import UsageError
from harness.yamls import read_yaml


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Correction(_Strict):
    """One instance: left out of the benchmark, or judged without some of its tests."""

    instance: str
    action: Literal["exclude", "drop_tests"]
    tests: list[str] = []
    reason: str
    source: str

    @model_validator(mode="after")
    def _consistent(self) -> "Correction":
        if bool(self.tests) != (self.action == "drop_tests"):
            raise ValueError(f"{self.instance}: tests are named where the action is drop_tests, and nowhere else")
        return self


class Corrections(_Strict):
    """A benchmark's corrections. ``why`` says how the list was made, and why it is empty if it is."""

    version: int
    why: str
    entries: list[Correction]

    @model_validator(mode="after")
    def _once(self) -> "Corrections":
        names = [entry.instance for entry in self.entries]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"{sorted(twice)[0]} stands in it twice")
        return self

    @property
    def by_instance(self) -> Mapping[str, Correction]:
        """The entries by their instances."""
        return {entry.instance: entry for entry in self.entries}

    def count(self, instance: str, outcome: Outcome | None) -> tuple[float, float] | None:
        """(1 or 0, 1) for an instance by its corrected tests; None: it is left out.

        An instance with dropped tests is resolved if all tests that failed are among them. Where the failed tests are
        not known (imported outcomes), a correction cannot turn the outcome.
        """
        resolved = outcome is not None and outcome.resolved
        entry = self.by_instance.get(instance)
        if entry is not None and entry.action == "exclude":
            return None
        if entry is not None and outcome is not None and outcome.failed_tests:
            resolved = resolved or set(outcome.failed_tests) <= set(entry.tests)
        return float(resolved), 1.0


def read_corrections(path: Path, sha256: str | None) -> Corrections:
    """The corrections in a file.

    Args:
        path: a YAML file.
        sha256: what the card says of the file; None: nothing.

    Raises:
        UsageError: it cannot be read, does not follow the schema, or is not the file that the card names.
    """
    try:
        text = path.read_bytes()
        if sha256 is not None and sha256_hex(text) != sha256:
            raise UsageError(
                f"{path} is not the file that the card names: its SHA-256 is {sha256_hex(text)}, the card's "
                f"corrections: {sha256}. Whoever changes it raises its version and the card's, and writes the new hash"
            )
        return Corrections.model_validate(read_yaml(text))
    except (OSError, ValidationError, yaml.YAMLError) as error:
        raise UsageError(f"{path} is no valid list of corrections: {error}") from error


@dataclass(frozen=True, slots=True)
class Bounds:
    """What corrections that nobody lists allow a score to be, in percent.

    ``lowest``: none of them helped. ``left_out``: so many of the unresolved instances were left out of the benchmark.
    ``mended``: so many of them would be resolved by corrected tests.
    """

    lowest: float
    left_out: float
    mended: float


def bounds_of_unlisted(resolved: int, n: int, corrections: int | None = None) -> Bounds:
    """What ``corrections`` unlisted corrections allow, of ``n`` instances of which ``resolved`` were resolved.

    None: their number is not known either, and every unresolved instance may have been corrected away.

    Raises:
        ValueError: the numbers do not fit together.
    """
    if not 0 <= resolved <= n or n == 0 or (corrections is not None and corrections < 0):
        raise ValueError(f"{resolved} of {n} instances with {corrections} corrections")
    many = n - resolved if corrections is None else min(corrections, n - resolved)
    left = 100.0 * resolved / (n - many) if n > many else 0.0
    return Bounds(100.0 * resolved / n, left, 100.0 * (resolved + many) / n)
