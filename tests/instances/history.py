"""An instance's repository as git has it: the base commit checked out, the fix on a branch no agent must see.

Author, dates and settings are fixed, so the commits' hashes are the same wherever and whenever it is made.
"""

import io
import os
import re
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.instances.instance import Edit, Instance

BRANCH = "upstream"
TAG = "v1.1"
SETTINGS = ("-c", "core.abbrev=7", "-c", "core.autocrlf=false", "-c", "commit.gpgsign=false", "-c", "gc.auto=0")


@dataclass(frozen=True, slots=True)
class History:
    """The repository at its base commit, and what was made of it.

    ``archive`` is a tar of the working folder with ``.git``, in which the branch ``upstream`` and the tag ``v1.1`` hold
    the fix with its tests. ``test_patch`` adds the new tests, ``gold`` mends the fault, ``wrong`` only seems to.
    """

    base: str
    fixed: str
    gold: str
    wrong: str
    test_patch: str
    archive: bytes

    @property
    def unappliable(self) -> str:
        """The gold patch for files that the repository does not have: no fuzz helps."""
        return re.sub(r"^(diff --git a/|--- a/|\+\+\+ b/)", r"\1elsewhere/", self.gold, flags=re.MULTILINE)


@cache
def history(instance: Instance) -> History:
    """The instance's history, made anew in a temporary folder."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        _git(folder, "init", "--quiet", "--template=", "--initial-branch=main")
        _git(folder, "config", "user.name", "agent")
        _git(folder, "config", "user.email", "agent@example.invalid")
        _commit(folder, {"LICENSE": "Public domain.\n"}, "Begin", day=5)
        base = _commit(folder, instance.files, f"Add {instance.name}", day=6)
        patches = [_diff(folder, instance, edits) for edits in (instance.fix, instance.wrong, instance.new_tests)]
        _git(folder, "checkout", "--quiet", "-b", BRANCH)
        fixed = _commit(folder, instance.edited([*instance.fix, *instance.new_tests]), f"Fix: {instance.title}", day=7)
        _git(folder, "tag", TAG)
        _git(folder, "checkout", "--quiet", "main")
        return History(base, fixed, *patches, archive=_packed(folder))


def patch_of(instance: Instance, edits: Sequence[Edit]) -> str:
    """The patch that makes these edits at the base commit."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        _git(folder, "init", "--quiet", "--template=", "--initial-branch=main")
        _commit(folder, instance.files, "Base", day=6)
        return _diff(folder, instance, edits)


def _diff(folder: Path, instance: Instance, edits: Sequence[Edit]) -> str:
    _write(folder, instance.edited(edits))
    _git(folder, "add", "--all")
    patch = _git(folder, "diff", "--cached", "--no-color", "--no-ext-diff", "HEAD")
    _git(folder, "reset", "--quiet", "--hard")
    return patch


def _commit(folder: Path, files: Mapping[str, str], message: str, *, day: int) -> str:
    _write(folder, files)
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", message, date=f"2026-01-{day:02}T12:00:00+00:00")
    return _git(folder, "rev-parse", "HEAD").strip()


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())
        place.chmod(0o755 if path.startswith("bin/") else 0o644)


def _packed(folder: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(folder, ".")
    return packed.getvalue()


def _git(folder: Path, *words: str, date: str = "") -> str:
    person = {"NAME": "Toy Author", "EMAIL": "author@example.invalid"} | ({"DATE": date} if date else {})
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in person.items()},
    }
    done = subprocess.run(["git", *SETTINGS, *words], cwd=folder, env=environment, capture_output=True, check=True)
    return done.stdout.decode()
