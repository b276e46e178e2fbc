"""The lists of users and groups in a container, which its engine opens before a command or a copy of a file."""

import os
import stat
from pathlib import Path

LISTS = ("etc/passwd", "etc/group")
_MOST_STEPS = 10_000


def waits_for_ever(root: Path) -> bool:
    """Whether an engine would wait for ever as it opens one of them: a named pipe stands in its place.

    Args:
        root: the container's root as this machine sees it. Links are followed inside it.
    """
    return any(stat.S_ISFIFO(_mode(root, path)) for path in LISTS)


def _mode(root: Path, path: str) -> int:
    """The kind of file at a path inside ``root``, as its mode says it; 0 if there is none, or it cannot be seen.

    As where engines look, ``x/..`` is nothing even if there is no ``x``.
    """
    left, at = path.split("/"), list[str]()
    mode = 0
    for _ in range(_MOST_STEPS):
        if not left:
            return mode
        name = left.pop(0)
        if name == "..":
            at = at[:-1]
        elif name not in ("", "."):
            here = root.joinpath(*at, name)
            try:
                mode = here.lstat().st_mode
                target = os.readlink(here) if stat.S_ISLNK(mode) else None
            except OSError:
                mode, target = 0, None
            if target is None:
                at.append(name)
            else:
                at = [] if target.startswith("/") else at
                left = target.split("/") + left
    return 0
