"""What an agent changed in a repository, as a patch: data from a container whose git the agent may have bent."""

import re
import shlex
from typing import NamedTuple

from harness.sandbox import Box

MOST_BYTES = 10 * 1024**2
"""The largest patch that is taken."""
SECONDS = 900.0
"""How long git may take over it."""
_OWN = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*", "LC_ALL": "C"}
_COMMIT = re.compile(r"^[0-9a-f]{40,64}$", re.MULTILINE)
_AS_PATTERN = r"s/[][\\*?]/\\&/g; s/ $/\\ /; s|^|/|"
"""Makes of a path a line of git's list of ignored files that matches nothing else."""
_NO_COMMIT = "does not have a commit checked out"
_LAST_WORDS = 300
_UNREADABLE = "git cannot read the changes"


class Start(NamedTuple):
    """Where the agent started: a commit, and whether file modes stand in its files as they do in the repository."""

    commit: str
    modes: bool


class Unprepared(Exception):
    """The repository is not as the benchmark says. The message is a sentence."""


def marked(box: Box, folder: str, against: str) -> Start:
    """Note where the agent starts: at ``against``, or HEAD if that is "".

    Files that are in the image but not in the repository are put on git's own list of ignored files, so that they are
    in nobody's patch, whatever they are called.

    Raises:
        Unprepared: ``folder`` is no git repository with that commit.
        SandboxFailed: the engine failed.
    """
    commit = box.run(
        ["git", "rev-parse", "--verify", f"{against or 'HEAD'}^{{commit}}"], folder=folder, environment=_OWN
    )
    # Git's warnings may stand before or behind it.
    name = _COMMIT.search(commit.text)
    if commit.code != 0 or name is None:
        said = commit.text.strip()[-_LAST_WORDS:]
        raise Unprepared(f"{folder} is no git repository with the commit {against or 'HEAD'}: {said}")
    script = (
        'own=$(git rev-parse --git-dir) && mkdir -p "$own/info" && '
        "git ls-files -z -o --exclude-standard | tr '\\0' '\\n' "
        f'| sed {shlex.quote(_AS_PATTERN)} >> "$own/info/exclude"; '
        f"git -c core.fileMode=true diff --quiet --no-ext-diff {name.group()} || echo modes differ"
    )
    told = box.run(["sh", "-c", script], folder=folder, environment=_OWN, seconds=SECONDS)
    return Start(name.group(), "modes differ" not in told.text)


def taken(box: Box, folder: str, start: Start) -> tuple[bytes | None, str]:
    """The patch from ``start`` to the files as they are, binary files included; or None and the reason in words.

    Raises:
        SandboxFailed: the engine failed, or the container can run nothing any more.
    """
    modes = f"-c core.fileMode={str(start.modes).lower()}"
    add = f'rm -f "$(git rev-parse --git-dir)/index.lock" && git {modes} add -A'
    added = box.run(["sh", "-c", add], folder=folder, environment=_OWN, seconds=SECONDS)
    if added.code != 0 and _NO_COMMIT in added.text:
        # An empty repository within this one, which a patch cannot hold: all else is taken.
        rest = f"{add} --ignore-errors || true"
        added = box.run(["sh", "-c", rest], folder=folder, environment=_OWN, seconds=SECONDS)
    if added.code != 0:
        words = added.text.strip() or "it did not end"
        return None, f"{_UNREADABLE}: {words.splitlines()[-1][:_LAST_WORDS]}"
    options = "--binary --cached --no-color --no-ext-diff --no-textconv --no-renames --src-prefix=a/ --dst-prefix=b/"
    diff = f"git {modes} diff {options} {shlex.quote(start.commit)} 2>/dev/null | head -c {MOST_BYTES + 1}"
    ran = box.run(["sh", "-c", diff], folder=folder, environment=_OWN, seconds=SECONDS)
    if ran.code != 0 or ran.ended is not None:
        return None, "git cannot tell the changes"
    if len(ran.output) > MOST_BYTES:
        return None, f"the changes are larger than {MOST_BYTES // 1024**2} MiB"
    return ran.output, ""


def in_our_words(why: str) -> str:
    """The reason why no patch was taken, without what git said, which names files as the agent called them."""
    return _UNREADABLE if why.startswith(_UNREADABLE) else why
