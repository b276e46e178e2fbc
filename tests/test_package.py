"""The wheel holds what a user needs and nothing else, and works from an empty folder."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

from harness import __version__
from tests.needs import long_run
from tests.standin import Standin

ROOT = Path(__file__).resolve().parents[1]


def output_of(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without the network by the build backend that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    output_of(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of an environment with the wheel, which borrows from this one what the wheel depends on."""
    environment = tmp_path_factory.mktemp("bare")
    output_of(sys.executable, "-m", "venv", "--without-pip", environment)
    python = environment / "bin" / "python"
    output_of(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel)
    purelib = output_of(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    borrowed = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    Path(purelib, "borrowed.pth").write_text("\n".join(borrowed) + "\n")
    return environment / "bin"


@pytest.fixture
def user(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """An empty working folder and an environment that knows nothing of this repository."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder, {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def run(bare: Path, user: tuple[Path, dict[str, str]], *arguments: str) -> "subprocess.CompletedProcess[str]":
    folder, environment = user
    command = [bare / "longcat-repro", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_the_wheel_holds_both_packages_whole_and_nothing_else(wheel: Path) -> None:
    info = f"longcat_repro-{__version__}.dist-info"
    names = set(zipfile.ZipFile(wheel).namelist())
    packed = {name for name in names if not name.startswith(f"{info}/")}
    sources = [path for top in ("harness", "tasks") for path in (ROOT / top).rglob("*") if path.is_file()]
    assert packed == {str(path.relative_to(ROOT)) for path in sources if "__pycache__" not in path.parts}
    assert {f"{info}/METADATA", f"{info}/entry_points.txt", f"{info}/licenses/LICENSE"} <= names


@pytest.mark.parametrize(
    "pattern",
    [
        "tasks/*/card.yaml",
        "tasks/*/prompt.j2",
        "tasks/*/sample.jsonl",
        "harness/report/*.j2",
        "harness/report/*.css",
        "harness/reported/*.yaml",
        "harness/endpoint/profiles/*.yaml",
        "harness/py.typed",
        "tasks/py.typed",
    ],
)
def test_the_wheel_holds_data_files(wheel: Path, pattern: str) -> None:
    assert any(fnmatch(name, pattern) for name in zipfile.ZipFile(wheel).namelist())


def test_the_installed_package_is_the_wheels(bare: Path, user: tuple[Path, dict[str, str]]) -> None:
    folder, environment = user
    code = "import harness, tasks; print(harness.__file__); print(tasks.__file__)"
    done = subprocess.run([bare / "python", "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    assert all(Path(line).is_relative_to(bare.parent) for line in done.stdout.splitlines())
    assert len(done.stdout.splitlines()) == 2


def test_cards_are_shown_from_an_empty_folder(bare: Path, user: tuple[Path, dict[str, str]]) -> None:
    tasks = run(bare, user, "tasks")
    assert tasks.returncode == 0, tasks.stderr
    for path in ROOT.glob("tasks/*/card.yaml"):
        assert path.parent.name in tasks.stdout
    shown = run(bare, user, "show", "ifeval")
    assert shown.returncode == 0, shown.stderr
    assert "prompt_level_strict" in shown.stdout


def test_a_run_from_an_empty_folder_ends_in_a_report(bare: Path, user: tuple[Path, dict[str, str]]) -> None:
    long_run()
    with Standin("echo") as standin:
        where = ("--base-url", standin.base_url, "--model", standin.options.model)
        done = run(bare, user, "run", "ifeval", "--sample", "--run-id", "first", *where)
        assert done.returncode == 0, done.stdout + done.stderr
        assert standin.asked > 0
    summary = json.loads((user[0] / "results" / "first" / "summary.json").read_text())
    assert summary["sample_data"] is True
    assert summary["tasks"]["ifeval"]["counts"]["answered"] == summary["tasks"]["ifeval"]["counts"]["items"] > 0
    assert len(list((user[0] / "reports").glob("*/index.html"))) == 1


def test_without_an_endpoint_it_says_so(bare: Path, user: tuple[Path, dict[str, str]]) -> None:
    done = run(bare, user, "run", "ifeval")
    assert done.returncode == 2
    assert "--endpoint" in done.stderr
    assert "Traceback" not in done.stderr
