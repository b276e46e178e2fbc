import base64
import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from harness.agentic.environments import (
    FOLDER,
    environment,
    find_python,
    is_current,
    make_venv,
    need_python,
    python_of,
)
from harness.errors import UsageError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path / "scaffolds"))
    return tmp_path / "scaffolds"


def wheel(folder: Path, name: str, *needs: str) -> str:
    """A wheel with one module, and what it says it needs."""
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n" + "".join(f"Requires-Dist: {n}\n" for n in needs)
    files = {
        f"{name}.py": "VALUE = 42\n",
        f"{name}-1.dist-info/METADATA": about,
        f"{name}-1.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{name}-1.dist-info/RECORD"
    sums = [f"{path},sha256={_sum(text)},{len(text)}" for path, text in files.items()]
    with zipfile.ZipFile(folder / f"{name}-1-py3-none-any.whl", "w") as packed:
        for path, text in {**files, record: "\n".join([*sums, f"{record},,", ""])}.items():
            packed.writestr(path, text)
    return str(folder / f"{name}-1-py3-none-any.whl")


def _sum(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def test_an_environment_is_made_once(folder: Path, tmp_path: Path) -> None:
    plain, needy = wheel(tmp_path, "plain"), wheel(tmp_path, "needy", "no-such-package-of-ours")
    said: list[str] = []
    assert not is_current("tool", [plain], [needy])
    python = make_venv("tool", [plain], (3, 11), said.append, bare=[needy])
    assert python == python_of("tool") == folder / "tool" / "bin" / "python"
    code = "import plain, needy; print(plain.VALUE + needy.VALUE)"
    assert subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True).stdout == "84\n"
    assert is_current("tool", [plain], [needy])
    assert make_venv("tool", [plain], (3, 11), said.append, bare=[needy]) == python
    assert said[-1] == f"tool: installed already, in {folder / 'tool'}"
    assert not is_current("tool", [plain], [])
    assert not is_current("tool", [needy], [plain])


def test_what_fails_says_why_and_leaves_nothing_that_counts(folder: Path) -> None:
    folder.mkdir()
    (folder / "tool").write_text("in the way")
    with pytest.raises(UsageError, match=r"(?s)tool could not be installed; `-m venv .*` said:\n.*tool.*tries again"):
        make_venv("tool", [], (3, 11), print)
    assert not is_current("tool", [])


def test_a_python_is_found_by_its_least_version() -> None:
    found = find_python((3, 11))
    assert found is not None
    code = "import sys, json; print(json.dumps(sys.version_info[:2]))"
    ran = subprocess.run([found, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) >= [3, 11]
    assert found == Path(sys.executable)


def test_no_python_of_a_version_is_said_with_what_was_looked_at() -> None:
    assert find_python((3, 99)) is None
    with pytest.raises(UsageError, match=r"tool needs Python 3\.99 or later.*not as python3\.99.*Install one"):
        need_python((3, 99), "tool")


def test_environments_are_in_the_users_cache_unless_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment("tool") == folder / "tool"
    monkeypatch.delenv(FOLDER)
    assert environment("tool") == user_cache_path("longcat-repro") / "scaffolds" / "tool"
