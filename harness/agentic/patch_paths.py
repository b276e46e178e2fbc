"""Whether a patch keeps to the files of its repository, told from its text: who applies it may not look."""

import re
from collections.abc import Iterator

_HEADER = re.compile(
    r"(?:[ \tX]|- )*(?:diff --git |--- |\+\+\+ |\*\*\* |Index:|rename (?:from|to|old|new) |copy (?:from|to) )(.*)"
)
"""Where git and ``patch`` read names, which ``patch`` also does of lines that are indented or quoted as in a letter."""
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_ESCAPE = re.compile(r'\\([0-7]{1,3}|[abtnvfr"\\])')
_LETTERS = dict(zip('abtnvfr"\\', '\a\b\t\n\v\f\r"\\', strict=True))
_COMMAND = re.compile(r"[ \tX]*\d+(?:,\d+)?[acds]\d*(?:,\d+)?\s*")
_LINK = "120000"
NOWHERE = "/dev/null"


def leaves(patch: bytes) -> bool:
    """Whether a header names an absolute path, one with "..", or one in a repository's own folder ``.git``.

    What stands in a hunk is text, as far as the hunk says how long it is.
    """
    return any(map(_outside, _between_hunks(_lines(patch))))


def git_alone_may_apply(patch: bytes) -> bool:
    """Whether ``patch`` could read something else in it than git does, and act on that.

    It knows further formats, commands of ``ed`` among them, and takes other lines for headers than git; unlike git it
    may write through links that the patch makes.
    """
    lines = list(_lines(patch))
    return any(_outside(line) or _COMMAND.fullmatch(line) for line in lines) or any(
        line.endswith(f"mode {_LINK}") for line in lines
    )


def _lines(patch: bytes) -> Iterator[str]:
    # Latin-1 takes any byte to a character: names may be in any encoding.
    for line in patch.decode("latin-1").split("\n"):
        yield line.rstrip("\r")


def _between_hunks(lines: Iterator[str]) -> Iterator[str]:
    old = new = 0
    for line in lines:
        first = line[:1] or " "
        if (old or new) and first == "\\":
            continue
        takes_old, takes_new = first in " -", first in " +"
        if (old or new) and (takes_old or takes_new) and old >= takes_old and new >= takes_new:
            old, new = old - takes_old, new - takes_new
            continue
        found = _HUNK.match(line)
        old, new = (int(size or 1) for size in found.groups()) if found else (0, 0)
        yield line


def _outside(line: str) -> bool:
    header = _HEADER.match(line)
    if header is None:
        return False
    named = header.group(1)
    return any(map(_leads_out, (named, _ESCAPE.sub(_unescaped, named)) if '"' in named else (named,)))


def _leads_out(named: str) -> bool:
    words = re.split(r'[\s"]+', named)
    if any(word != NOWHERE and (word.startswith("/") or "//" in word) for word in words):
        return True
    return any(part == ".." or part.lower() == ".git" for word in words for part in word.split("/"))


def _unescaped(escape: re.Match[str]) -> str:
    code = escape.group(1)
    return _LETTERS[code] if code in _LETTERS else chr(int(code, 8) & 0xFF)
