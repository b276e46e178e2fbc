"""Taking a patch from a real repository, with a stand-in for the container that runs its commands here."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from harness.agentic.patches import MOST_BYTES, Start, Unprepared, in_our_words, marked, taken
from harness.sandbox import Ran


class Here:
    """Runs commands on this machine, where a box runs them in its container."""

    def run(
        self,
        command: Sequence[str],
        *,
        folder: str | None = None,
        environment: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> Ran:
        known = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            command, cwd=folder, env=known | dict(environment or {}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        return Ran(done.returncode, done.stdout, 0.0)


class Work:
    """A repository with one commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "-q")
        (folder / "kept.txt").write_text("one\ntwo\n")
        (folder / ".gitignore").write_text("*.o\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "base")
        self.base = self.git("rev-parse", "HEAD")

    def git(self, *words: str) -> str:
        who = ["git", "-c", "user.name=A", "-c", "user.email=a@b.invalid", *words]
        return subprocess.run(who, cwd=self.folder, capture_output=True, text=True, check=True).stdout.strip()

    def start(self, against: str = "") -> Start:
        return marked(Here(), str(self.folder), against)

    def left(self, start: Start) -> tuple[bytes | None, str]:
        return taken(Here(), str(self.folder), start)


@pytest.fixture
def work(tmp_path: Path) -> Work:
    folder = tmp_path / "it's here"
    folder.mkdir()
    return Work(folder)


def applied(work: Work, patch: bytes) -> Path:
    """A fresh copy of the base with the patch."""
    fresh = work.folder.parent / "fresh"
    subprocess.run(["git", "clone", "-q", str(work.folder), str(fresh)], check=True, capture_output=True)
    subprocess.run(["git", "checkout", "-q", work.base], cwd=fresh, check=True, capture_output=True)
    subprocess.run(["git", "apply", "-"], cwd=fresh, input=patch, check=True, capture_output=True)
    return fresh


def test_an_agent_that_did_nothing_leaves_an_empty_patch(work: Work) -> None:
    (work.folder / "built by the image").write_text("x\n")
    (work.folder / "it.o").write_text("x\n")
    start = work.start()
    assert start == Start(work.base, True)
    assert work.left(start) == (b"", "")


def test_files_of_the_image_are_in_no_patch_whatever_they_are_called(work: Work) -> None:
    names = [
        "caf\u00e9.txt",
        "[id].js",
        "a* b?.txt",
        "space ",
        "back\\slash",
        'quo"te',
        "tab\there",
        "!not",
        "#no",
        "x]",
    ]
    (work.folder / "deep").mkdir()
    for name in names:
        (work.folder / name).write_text("x\n")
        (work.folder / "deep" / name).write_text("x\n")
    start = work.start()
    for name in ("i.js", "a1 b2.txt", "not"):
        (work.folder / name).write_text("the agent's\n")
    patch, why = work.left(start)
    assert why == ""
    assert sorted(re.findall(rb"^diff --git a/(.*) b/", patch or b"", re.MULTILINE)) == [b"a1 b2.txt", b"i.js", b"not"]


def test_an_empty_repository_within_hides_nothing_else(work: Work) -> None:
    start = work.start()
    (work.folder / "kept.txt").write_text("one\nthree\n")
    (work.folder / "demo").mkdir()
    work.git("init", "-q", "demo")
    (work.folder / "zoo.txt").write_text("new\n")
    patch, _ = work.left(start)
    fresh = applied(work, patch or b"")
    assert (fresh / "kept.txt").read_text() == "one\nthree\n"
    assert (fresh / "zoo.txt").read_text() == "new\n"


def test_changes_committed_staged_or_neither_are_one_patch(work: Work) -> None:
    start = work.start()
    (work.folder / "kept.txt").write_text("one\nthree\n")
    work.git("commit", "-aqm", "the agent's")
    (work.folder / "staged").write_text("new\n")
    work.git("add", "staged")
    (work.folder / "picture").write_bytes(bytes(range(256)))
    (work.folder / "run").write_text("#!/bin/sh\n")
    (work.folder / "run").chmod(0o755)
    (work.folder / "it.o").write_text("ignored\n")
    patch, why = work.left(start)
    assert patch is not None
    assert why == ""
    fresh = applied(work, patch)
    assert (fresh / "kept.txt").read_text() == "one\nthree\n"
    assert (fresh / "staged").read_text() == "new\n"
    assert (fresh / "picture").read_bytes() == bytes(range(256))
    assert os.access(fresh / "run", os.X_OK)
    assert not (fresh / "it.o").exists()


def test_the_agents_own_git_settings_do_not_shape_the_patch(work: Work) -> None:
    start = work.start()
    for name, value in {
        "diff.noprefix": "true",
        "diff.external": "false",
        "color.ui": "always",
        "diff.renames": "copies",
    }.items():
        work.git("config", name, value)
    (work.folder / "kept.txt").rename(work.folder / "moved.txt")
    (work.folder / ".git" / "index.lock").touch()
    patch, _ = work.left(start)
    assert patch is not None
    fresh = applied(work, patch)
    assert (fresh / "moved.txt").read_text() == "one\ntwo\n"
    assert not (fresh / "kept.txt").exists()


def test_modes_that_the_image_changed_are_in_nobodys_patch(work: Work) -> None:
    (work.folder / "kept.txt").chmod(0o777)
    start = work.start()
    assert start == Start(work.base, False)
    assert work.left(start) == (b"", "")


def test_a_patch_is_made_against_the_commit_that_the_benchmark_names(work: Work) -> None:
    (work.folder / "kept.txt").write_text("later\n")
    work.git("commit", "-aqm", "later")
    patch, _ = work.left(work.start(work.base))
    assert patch is not None
    assert b"+later" in patch


def test_what_is_too_large_is_no_patch(work: Work) -> None:
    start = work.start()
    (work.folder / "large").write_bytes(os.urandom(MOST_BYTES))
    assert work.left(start) == (None, "the changes are larger than 10 MiB")
    assert in_our_words("the changes are larger than 10 MiB") == "the changes are larger than 10 MiB"


def test_without_a_repository_there_is_no_patch(work: Work) -> None:
    start = work.start()
    (work.folder / ".git").rename(work.folder.parent / "elsewhere")
    patch, why = work.left(start)
    assert patch is None
    assert why.startswith("git cannot read the changes: ")
    assert "not a git repository" in why
    assert in_our_words(why) == "git cannot read the changes"
    with pytest.raises(Unprepared, match="is no git repository with the commit HEAD"):
        work.start()


def test_a_base_that_is_not_there_is_told(work: Work) -> None:
    with pytest.raises(Unprepared, match="0000"):
        work.start("0" * 40)
