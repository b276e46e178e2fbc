"""Python environments for the programs whose requirements disagree with ours, one folder each in the user's cache.

Who runs in such an environment is started as a process of its own and told nothing but what it needs.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from harness.errors import UsageError

FOLDER = "LONGCAT_REPRO_SCAFFOLDS"
"""The environment variable that names another folder for all environments."""
STAMP = "longcat-repro.json"
NEWEST_MINOR = 14
_ASK = "import sys, ensurepip, venv; print(*sys.version_info[:2])"

Version = tuple[int, int]


def environment(name: str) -> Path:
    """The folder of the environment called ``name``, whether it is there or not."""
    root = os.environ.get(FOLDER)
    return (Path(root).absolute() if root else user_cache_path("longcat-repro") / "scaffolds") / name


def python_of(name: str) -> Path:
    """The Python of the environment called ``name``, whether it is there or not."""
    return environment(name) / "bin" / "python"


def is_current(name: str, requirements: Sequence[str], bare: Sequence[str] = ()) -> bool:
    """Whether the environment is there and was made from exactly these requirements."""
    stamp = environment(name) / STAMP
    return stamp.is_file() and python_of(name).exists() and stamp.read_text() == stamp_of(requirements, bare)


def stamp_of(requirements: Sequence[str], bare: Sequence[str]) -> str:
    """What the file ``STAMP`` of an environment made from these requirements holds."""
    return json.dumps({"requirements": list(requirements), "without their own": list(bare)}, indent=1) + "\n"


def make_venv(
    name: str,
    requirements: Sequence[str],
    python: Version,
    say: Callable[[str], None],
    *,
    bare: Sequence[str] = (),
) -> Path:
    """Make the environment called ``name``, unless it is current, and return the path of its Python.

    Args:
        name: its folder's name.
        requirements: what pip installs.
        python: the least version of Python, (3, 12).
        say: is told what is done.
        bare: what pip installs afterwards without its own requirements.

    Raises:
        UsageError: no such Python is here, or pip fails; the message gives its words.
    """
    folder = environment(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / f"{name}.lock"):
        if is_current(name, requirements, bare):
            say(f"{name}: installed already, in {folder}")
            return python_of(name)
        base = need_python(python, name)
        say(f"{name}: installing into {folder} with {base}")
        shutil.rmtree(folder, ignore_errors=True)
        _do(name, [base, "-m", "venv", folder])
        pip: list[str | Path] = [python_of(name), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        pip.append("--no-compile")
        if requirements:
            _do(name, [*pip, *requirements])
        if bare:
            _do(name, [*pip, "--no-deps", *bare])
        (folder / STAMP).write_text(stamp_of(requirements, bare))
        say(f"{name}: installed")
    return python_of(name)


def need_python(at_least: Version, name: str) -> Path:
    """A Python of at least this version, for the environment called ``name``.

    Raises:
        UsageError: there is none; the message says what to do.
    """
    found = find_python(at_least)
    if found is None:
        wanted = ".".join(map(str, at_least))
        raise UsageError(
            f"{name} needs Python {wanted} or later with its venv module, and none was found: not the one that runs "
            f"this, not as python{wanted} or a later one on PATH, not under ~/.pyenv/versions. Install one and run the "
            "same command again."
        )
    return found


def find_python(at_least: Version) -> Path | None:
    """The first Python of at least this version that can make environments; None if there is none.

    The one that runs this comes first, then those of PATH and of /usr/bin, then pyenv's and those installed beside
    this one, the oldest first.
    """
    for candidate in _candidates(at_least):
        if _version(candidate) >= at_least:
            return candidate
    return None


def _candidates(at_least: Version) -> Iterator[Path]:
    yield Path(sys.executable)
    names = [f"python3.{minor}" for minor in range(at_least[1], NEWEST_MINOR + 1)] + ["python3"]
    for name in names:
        found = shutil.which(name)
        if found is not None:
            yield Path(found)
    yield from (path for name in names if (path := Path("/usr/bin", name)).exists())
    beside = [Path.home() / ".pyenv" / "versions", Path(sys.base_prefix).parent]
    found_there = (path for folder in beside for path in folder.glob("3.*/bin/python"))
    versions = {_numbers(path.parts[-3]): path for path in found_there}
    yield from (versions[version] for version in sorted(versions) if version[:2] >= at_least)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version))


def _version(python: Path) -> Version:
    """The version of a Python that has ensurepip and venv; (0, 0) where it does not start or has not."""
    try:
        done = subprocess.run([python, "-I", "-c", _ASK], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0)
    words = done.stdout.split()
    return (int(words[0]), int(words[1])) if done.returncode == 0 and len(words) == 2 else (0, 0)


def _do(name: str, command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-6:]
        raise UsageError(
            f"{name} could not be installed; `{' '.join(map(str, command[1:4]))} ...` said:\n  "
            + "\n  ".join(words)
            + "\nThe same command tries again."
        )
