"""``scaffold``: what is installed is known by its stamp; nothing is installed here."""

from pathlib import Path

import pytest

from harness.agentic.environments import FOLDER, STAMP, python_of, stamp_of
from harness.agentic.scaffolds.mini_swe_agent_settings import BARE, REQUIREMENTS
from harness.cli import main
from harness.commands.scaffolding import PROGRAMS, program
from harness.errors import UsageError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    return tmp_path


def test_every_program_is_listed_with_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scaffold", "list"]) == 0
    lines = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == list(PROGRAMS)
    assert ["mini-swe-agent", "2.4.6", "not installed"] in lines


def test_what_is_not_here_is_said_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scaffold", "check"]) == 2
    told = capsys.readouterr().err
    for name in PROGRAMS:
        assert f"longcat-repro scaffold install {name}" in told


def test_an_unknown_name_is_refused_before_anything_is_installed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scaffold", "install", "mini-swe-agent", "other"]) == 2
    assert "no program is called 'other'; there are: claude-code, mini-swe-agent" in capsys.readouterr().err
    assert list(folder.iterdir()) == []
    with pytest.raises(UsageError, match="or all"):
        program("all")


def test_what_is_here_is_left_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    python = python_of("mini-swe-agent")
    python.parent.mkdir(parents=True)
    python.touch()
    (folder / "mini-swe-agent" / STAMP).write_text(stamp_of(REQUIREMENTS, BARE))
    assert main(["scaffold", "check", "mini-swe-agent"]) == 0
    assert main(["scaffold", "install", "mini-swe-agent"]) == 0
    assert "mini-swe-agent: installed already" in capsys.readouterr().err


def test_each_program_is_named_as_it_names_itself() -> None:
    for name in PROGRAMS:
        assert program(name).name == name
