"""Which patches leave the repository; that git refuses them too, and that git's own patches are never taken for one."""

import subprocess
from pathlib import Path

import pytest

from harness.agentic.patch_paths import git_alone_may_apply, leaves

HOOK = "@@ -0,0 +1 @@\n+touch /tmp/pwned\n"
LINKED = """\
diff --git a/link b/link
new file mode 120000
--- /dev/null
+++ b/link
@@ -0,0 +1 @@
+{}
\\ No newline at end of file
diff --git a/link/written b/link/written
new file mode 100644
--- /dev/null
+++ b/link/written
@@ -0,0 +1 @@
+x
"""


@pytest.mark.parametrize(
    "header",
    [
        "--- /dev/null\n+++ b/.git/hooks/post-checkout\n",
        "--- /dev/null\n+++ b/sub/.GIT/config\n",
        "--- a/../x\n+++ b/x\n",
        "--- a/x\n+++ b/y/../../x\n",
        "--- a/x\n+++ /etc/passwd\n",
        "--- a/x\n+++ b//etc/passwd\t2026-01-01\n",
        "Index: .git/config\n",
        "Index:/etc/passwd\n",
        "   --- a/../x\n   +++ b/x\n",
        "- --- a/x\n- +++ b/../x\r\n",
        "*** a/../x\n--- a/x\n",
        "diff --git a/.git/x b/.git/x\nnew file mode 100755\n",
        'diff --git "a/\\056git/x" "b/\\056git/x"\n',
        '--- /dev/null\n+++ "b/.\\147it/hooks/x"\n',
        '--- /dev/null\n+++ "b/..\\057x"\n',
        "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to .git/y\n",
        "diff --git a/x b/y\nsimilarity index 100%\nrename from ../x\nrename to y\n",
        "diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to /y\n",
    ],
)
def test_a_path_outside_of_the_repository_is_seen_in_every_form(header: str) -> None:
    patch = "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n" + header + HOOK
    assert leaves(patch.encode())
    assert leaves(patch.replace("\n", "\r\n").encode())
    assert git_alone_may_apply(patch.encode())


def test_what_stands_in_a_hunk_is_text() -> None:
    body = "--- ../a\n+++ /b\n  Index: .git\n-\n \n+\n\\ No newline at end of file\n"
    patch = f"--- a/x\n+++ b/x\n@@ -1,4 +1,4 @@ ../f\n{body}"
    assert not leaves(patch.encode())
    # Nor is it applied by a program that may see that otherwise.
    assert git_alone_may_apply(patch.encode())
    for short in ("@@ -1,2 +1 @@", "@@ -1 +1 @@", "@@@"):
        assert leaves(f"{patch}{short}\n+x\n-x\n- \n--- a/../x\n+++ b/x\n".encode())


@pytest.mark.parametrize("line", ["1d", "2,3c", "0a", "3,4c5,6"])
def test_commands_of_an_editor_are_for_git_to_refuse(line: str) -> None:
    assert git_alone_may_apply(f"Index: x\n{line}\n!touch pwned\n.\n".encode())
    assert not git_alone_may_apply(b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-1d\n+2c\n")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    for name, text in {"a b.py": "1\n", "ü\n.txt": "2\n", "..x/.gitignore": "3\n", "bin": "\0\1"}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "base")
    return folder


def git(folder: Path, *words: str) -> bytes:
    who = ["git", "-c", "user.name=A", "-c", "user.email=a@b.invalid", *words]
    return subprocess.run(who, cwd=folder, capture_output=True, check=True).stdout


def test_what_git_prints_of_a_repositorys_own_files_is_no_such_patch(repository: Path) -> None:
    for path in list(repository.rglob("*")):
        if path.is_file() and ".git" not in path.parts:
            path.write_bytes(path.read_bytes() + b"\n-- ../a\n++ /b\n\0"[: None if path.name == "bin" else -1])
    (repository / "moved").write_text("4\n" * 9)
    git(repository, "add", "-A")
    patch = git(repository, "diff", "--cached", "--binary", "HEAD")
    assert patch.count(b"diff --git") == 5
    assert b"GIT binary patch" in patch
    assert not leaves(patch)
    git(repository, "stash", "-q")
    git(repository, "apply", "--check", *_written(repository, patch))


@pytest.mark.parametrize("options", [[], ["--3way"], ["--reject"]])
@pytest.mark.parametrize("absolute", [True, False])
def test_nothing_is_written_through_a_link_that_the_patch_makes(
    repository: Path, options: list[str], absolute: bool
) -> None:
    outside = repository.parent / "outside"
    outside.mkdir()
    patch = LINKED.format(outside if absolute else "../outside").encode()
    assert not leaves(patch)
    assert git_alone_may_apply(patch)
    done = subprocess.run(["git", "apply", *options, *_written(repository, patch)], cwd=repository, capture_output=True)
    assert done.returncode != 0
    assert list(outside.iterdir()) == []


def _written(repository: Path, patch: bytes) -> list[str]:
    path = repository.parent / "patch.diff"
    path.write_bytes(patch)
    return [str(path)]
