"""The lists of users and groups, where a program in a container has put something else."""

import os
from pathlib import Path

import pytest

from harness.sandbox.users import waits_for_ever


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A container's root."""
    place = tmp_path / "root"
    (place / "etc").mkdir(parents=True)
    (place / "tmp").mkdir()
    os.mkfifo(place / "tmp" / "pipe")
    return place


def test_files_folders_and_what_is_not_there_are_opened_or_refused_at_once(root: Path) -> None:
    assert not waits_for_ever(root)
    (root / "etc" / "passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    (root / "etc" / "group").mkdir()
    assert not waits_for_ever(root)
    assert not waits_for_ever(root / "absent")


@pytest.mark.parametrize("name", ["passwd", "group"])
def test_a_pipe_makes_it_wait(root: Path, name: str) -> None:
    os.mkfifo(root / "etc" / name)
    assert waits_for_ever(root)


@pytest.mark.parametrize("target", ["/tmp/pipe", "../tmp/pipe", "../../../tmp/./pipe", "/tmp/once", "/x/../tmp//pipe"])
def test_links_are_followed_inside_the_root(root: Path, target: str) -> None:
    (root / "tmp" / "once").symlink_to("pipe")
    (root / "etc" / "group").symlink_to(target)
    assert waits_for_ever(root)


def test_a_folder_that_is_a_link_is_followed_too(root: Path) -> None:
    (root / "etc").rename(root / "tmp" / "etc")
    (root / "etc").symlink_to("/tmp/etc")
    os.mkfifo(root / "tmp" / "etc" / "passwd")
    assert waits_for_ever(root)


def test_nothing_outside_is_looked_at_and_circles_end(root: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "outside")
    (root / "etc" / "passwd").symlink_to(tmp_path / "outside")
    (root / "etc" / "group").symlink_to("group")
    assert not waits_for_ever(root)
