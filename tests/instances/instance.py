"""What an instance of a code benchmark consists of, before any benchmark's format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Printed = Literal["pytest", "pass-fail", "tap"]
"""How a test program reports: ``PASSED name``, ``PASS: name`` or ``ok 1 name``."""


class Edit(NamedTuple):
    """One change of a file: ``old`` stands in it once. Empty: the file is new."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A small repository with a fault, and what is known of the fault.

    ``issue`` begins with a title line that no other instance has. ``files`` are the repository at the base commit, by
    path; files under ``bin`` are executable. ``commands`` are what a competent agent types, in the repository's folder,
    to find and mend the fault; what they print is the same every time.
    """

    owner: str
    name: str
    number: int
    language: Literal["Python", "C", "Shell"]
    issue: str
    files: Mapping[str, str]
    fix: Sequence[Edit]
    wrong: Sequence[Edit]
    test_file: str
    new_tests: Sequence[Edit]
    run_tests: str
    printed: Printed
    fail_to_pass: Sequence[str]
    pass_to_pass: Sequence[str]
    commands: Sequence[str]

    @property
    def id(self) -> str:
        """The id as SWE-bench writes it: owner__name-number."""
        return f"{self.owner}__{self.name}-{self.number}"

    @property
    def title(self) -> str:
        """The issue's first line, by which a conversation about it can be told."""
        return self.issue.partition("\n")[0]

    def edited(self, edits: Sequence[Edit]) -> dict[str, str]:
        """The repository's files after the edits.

        Raises:
            ValueError: an edit's old text does not stand in its file exactly once.
        """
        files = dict(self.files)
        for path, old, new in edits:
            text = files.get(path, "")
            if (text.count(old) != 1) if old else path in files:
                raise ValueError(f"{self.id}: {path} does not hold {old!r} once")
            files[path] = text.replace(old, new) if old else new
        return files
