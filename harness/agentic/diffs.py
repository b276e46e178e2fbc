"""Reads of a patch what is needed without applying it."""

import re

_SECTION = re.compile(r"(?m)^(?=diff --git )")
_BINARY = re.compile(r"(?m)^(?:Binary files .* differ|GIT binary patch)$")
_OLD = re.compile(r"(?m)^--- (?:a/)?(.+?)\t?$")
_NEW = re.compile(r"(?m)^\+\+\+ (?:b/)?(.+?)\t?$")
NOWHERE = "/dev/null"


def without_binary(patch: str) -> str:
    """The patch without the files that are binary: SWE-bench Pro's own evaluation leaves them out."""
    return "".join(part for part in _SECTION.split(patch) if part.strip() and not _BINARY.search(part))


def touched(patch: str) -> tuple[str, ...]:
    """The paths of the files that a patch changes or makes, in its order, each once."""
    found: dict[str, None] = {}
    for part in _SECTION.split(patch):
        head = part.partition("\n@@")[0]
        old, new = _OLD.search(head), _NEW.search(head)
        names = [match.group(1) for match in (new, old) if match is not None and match.group(1) != NOWHERE]
        if names:
            found[names[0]] = None
    return tuple(found)
