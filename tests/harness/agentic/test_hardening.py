"""What tells the answer is gone from a repository, and what an agent needs is still there."""

import os
import subprocess
from pathlib import Path

import pytest

from harness.agentic.hardening import hardening

WHO = ["-c", "user.name=A", "-c", "user.email=a@b.invalid", "-c", "init.defaultBranch=trunk"]


class Repository:
    """A real repository whose history goes on after the commit that is to be kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q")
        self.before = self.commit("one", "first")
        self.base = self.commit("two", "base")
        self.fix = self.commit("three", "the fix")
        self.later = self.commit("four", "later")
        self.fix_blob = self.git("rev-parse", f"{self.fix}:file")

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *WHO, *words], cwd=self.folder, env=clean(self.folder), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, text: str, message: str, *options: str) -> str:
        (self.folder / "file").write_text(text + "\n")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, *options)
        return self.git("rev-parse", "HEAD")

    def harden(self, base: str, author: str = "") -> "subprocess.CompletedProcess[str]":
        script = hardening(str(self.folder), base, author)
        return subprocess.run(["sh", "-c", script], env=clean(self.folder), capture_output=True, text=True)

    def has(self, name: str) -> bool:
        asked = ["git", "cat-file", "-e", name]
        return subprocess.run(asked, cwd=self.folder, env=clean(self.folder), capture_output=True).returncode == 0

    def knows_nothing_after(self, base: str) -> None:
        assert self.git("rev-parse", "HEAD") == base
        assert self.git("log", "--all", "--reflog", "--format=%H").split()[0] == base
        assert not self.has(self.fix)
        assert not self.has(self.later)
        assert not self.has(self.fix_blob)
        named = [path for path in (self.folder / ".git").rglob("*") if path.is_file()]
        assert [path for path in named if self.fix.encode() in path.read_bytes()] == []


def clean(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder.parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
        "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    }


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "it's a folder")


def test_every_way_to_the_fix_is_closed(repository: Repository) -> None:
    made = repository
    made.git("tag", "-a", "v2", "-m", "released", made.fix)
    made.git("branch", "old", made.before)
    made.git("update-ref", "refs/remotes/origin/main", made.later)
    made.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    made.git("config", "remote.origin.url", "https://example.invalid/x.git")
    made.git("config", "branch.trunk.remote", "origin")
    made.git("notes", "add", "-m", "see the fix", made.fix)
    made.git("pack-refs", "--all")
    made.git("repack", "-adq")
    next((made.folder / ".git" / "objects" / "pack").glob("*.pack")).with_suffix(".keep").touch()
    made.git("commit-graph", "write", "--reachable")
    made.git("checkout", "-q", "-b", "work", made.base)
    (made.folder / "file").write_text("stashed\n")
    made.git("stash")
    (made.folder / ".git" / "FETCH_HEAD").write_text(f"{made.fix}\t\tbranch 'main'\n")
    (made.folder / ".git" / "ORIG_HEAD").write_text(f"{made.later}\n")

    done = made.harden(made.base)

    assert done.returncode == 0, done.stderr
    made.knows_nothing_after(made.base)
    assert made.has(made.before)
    assert made.git("log", "--format=%s").split("\n") == ["base", "first"]
    assert made.git("for-each-ref", "--format=%(refname)") == "refs/heads/work"
    assert made.git("symbolic-ref", "HEAD") == "refs/heads/work"
    assert made.git("remote") == made.git("stash", "list") == made.git("tag") == ""
    assert made.git("fsck", "--full", "--unreachable") == ""
    assert (made.folder / "file").read_text() == "two\n"


def test_a_head_in_the_future_is_put_back(repository: Repository) -> None:
    assert repository.harden(repository.base).returncode == 0
    repository.knows_nothing_after(repository.base)
    assert (repository.folder / "file").read_text() == "two\n"
    assert repository.git("status", "--porcelain") == ""
    repository.commit("five", "the agent can still commit")


def test_what_the_image_left_in_the_working_tree_stays(repository: Repository) -> None:
    repository.git("checkout", "-q", "--detach", repository.base)
    (repository.folder / "file").write_text("built\n")
    (repository.folder / "made").write_text("by the image\n")
    assert repository.harden(repository.base).returncode == 0
    repository.knows_nothing_after(repository.base)
    assert (repository.folder / "file").read_text() == "built\n"
    assert repository.git("status", "--porcelain") == "M file\n?? made"


@pytest.mark.parametrize(("author", "kept"), [("a@b.invalid", True), ("setup@elsewhere.invalid", False), ("", False)])
def test_the_commit_that_finishes_an_image_is_known_by_its_author(
    repository: Repository, author: str, kept: bool
) -> None:
    repository.git("checkout", "-q", "--detach", repository.base)
    finished = repository.commit("two, finished", "finishes the image")
    assert repository.harden(repository.base, author).returncode == 0
    repository.knows_nothing_after(finished if kept else repository.base)
    assert repository.has(finished) == kept


def test_objects_borrowed_from_another_repository_are_taken_in_or_gone(repository: Repository, tmp_path: Path) -> None:
    subprocess.run(
        ["git", "clone", "-q", "--shared", str(repository.folder), str(tmp_path / "shared")],
        env=clean(repository.folder),
        check=True,
        capture_output=True,
    )
    shared = repository
    shared.folder = tmp_path / "shared"
    assert shared.harden(shared.base).returncode == 0
    shared.knows_nothing_after(shared.base)
    assert shared.git("fsck", "--full") == ""


def test_a_clone_that_left_out_large_files_is_cleaned_too(repository: Repository, tmp_path: Path) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    address = f"file://{repository.folder}"
    subprocess.run(
        ["git", "clone", "-q", "--filter=blob:limit=1m", address, str(tmp_path / "filtered")],
        env=clean(repository.folder),
        check=True,
        capture_output=True,
    )
    repository.folder = tmp_path / "filtered"
    assert list(repository.folder.glob(".git/objects/pack/*.promisor"))
    done = repository.harden(repository.base)
    assert done.returncode == 0, done.stderr
    repository.knows_nothing_after(repository.base)


def test_it_fails_where_the_base_is_not_to_be_had(repository: Repository) -> None:
    assert repository.harden("0" * 40).returncode != 0
    assert repository.git("rev-parse", "HEAD") == repository.later


def test_hooks_of_the_image_do_not_run(repository: Repository, tmp_path: Path) -> None:
    hook = repository.folder / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    hook.chmod(0o755)
    assert repository.harden(repository.base).returncode == 0
    assert not (tmp_path / "ran").exists()
