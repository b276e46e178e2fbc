from dataclasses import replace

import pytest

from harness.agentic.doctor import Finding, Wanted, examine
from harness.agentic.machine import EngineFacts, Machine
from harness.agentic.spread import Room
from harness.contract import TrialSpec

SPEC = TrialSpec(cpus=4, memory_gib=8, agent_hours=3, grading_minutes=60, infrastructure=["the engine fails"], why="")
LARGE = EngineFacts(
    name="Docker",
    version="28.0.0",
    address="unix:///run/docker.sock",
    architecture="amd64",
    room=Room(32, 128),
    storage="/var/lib/docker",
    free_gib=500,
    no_way_in="",
    strict_cpus=True,
)
WANTED = Wanted("toy", 60, ("primary", "hardened"), 1, SPEC, ("claude-code",))
HERE: dict[str, str | None] = {"claude-code": None, "mini-swe-agent": "it is not installed"}


def found(engine: EngineFacts | None = LARGE, wanted: Wanted = WANTED, **more: float) -> dict[str, Finding]:
    machine = Machine(engine, "" if engine else "No container engine answers: none\nStart Docker.")
    sandboxes = int(more["sandboxes"]) if "sandboxes" in more else None
    findings = examine(machine, [wanted], HERE, sandboxes=sandboxes, images_gib=more.get("images_gib", 120))
    assert all(one.detail for one in findings)
    return {one.what: one for one in findings}


def test_a_large_machine_lacks_nothing() -> None:
    said = found()
    assert {one.level for one in said.values()} == {"ok"}
    assert said["engine"].detail == "Docker 28.0.0 at unix:///run/docker.sock"
    assert "8 at a time fit into 32 CPUs and 128 GiB" in said["toy: room"].detail
    assert said["toy: time"].detail.startswith(
        "120 trials (60 items, primary, hardened, once each), 8 at a time: about 8 "
    )
    assert "60 hours if every one meets its limits" in said["toy: time"].detail
    assert "not measured" in said["toy: time"].detail


def test_without_an_engine_it_says_what_to_do_and_what_it_still_can() -> None:
    said = found(None)
    assert said["engine"] == Finding("fail", "engine", "No container engine answers: none", "Start Docker.")
    assert said["toy: time"].level == "ok"
    assert "disk" not in said


@pytest.mark.parametrize(
    ("what", "engine", "level", "says"),
    [
        ("architecture", replace(LARGE, architecture="arm64"), "fail", "images are linux/amd64"),
        ("network", replace(LARGE, no_way_in="it is elsewhere"), "fail", "it is elsewhere"),
        ("toy: room", replace(LARGE, room=Room(2, 128)), "fail", "Docker refuses such a container"),
        ("toy: room", replace(LARGE, room=Room(2, 128), strict_cpus=False), "warn", "not even one"),
        ("toy: room", replace(LARGE, room=Room(8, 6)), "warn", "not even one"),
        ("disk", replace(LARGE, free_gib=10), "fail", "10 GiB are free at /var/lib/docker"),
        ("disk", replace(LARGE, free_gib=100), "warn", "100 GiB are free"),
        ("disk", replace(LARGE, free_gib=None), "warn", "cannot be seen from here"),
    ],
)
def test_what_a_machine_lacks_is_said(what: str, engine: EngineFacts, level: str, says: str) -> None:
    finding = found(engine)[what]
    assert finding.level == level
    assert says in finding.detail
    assert finding.remedy


def test_more_sandboxes_than_fit_are_warned_of() -> None:
    finding = found(sandboxes=9)["toy: room"]
    assert finding.level == "warn"
    assert finding.remedy.startswith("--sandboxes 8, ")
    assert found(sandboxes=8)["toy: room"].level == "ok"


def test_the_disk_that_is_proposed_is_enough() -> None:
    tight = replace(LARGE, free_gib=100)
    assert found(tight)["disk"].remedy.startswith("--images-gib 85:")
    assert found(tight, images_gib=85)["disk"].level == "ok"


def test_pulls_beyond_the_documented_limit_wait() -> None:
    assert found(wanted=replace(WANTED, items=100))["pulls"].level == "ok"
    finding = found(wanted=replace(WANTED, items=731))["pulls"]
    assert finding.level == "warn"
    assert "42 hours of waiting without, 18 with" in finding.detail


def test_a_program_fails_only_where_it_is_needed() -> None:
    assert found()["mini-swe-agent"].level == "ok"
    assert "it is not installed" in found()["mini-swe-agent"].detail
    needing = found(wanted=replace(WANTED, needs=("mini-swe-agent",)))["mini-swe-agent"]
    assert needing == Finding("fail", "mini-swe-agent", "it is not installed")


def test_time_is_that_of_the_smaller_of_what_fits() -> None:
    both = [WANTED, replace(WANTED, task="large", spec=SPEC.model_copy(update={"memory_gib": 60}))]
    findings = examine(Machine(LARGE), both, {})
    assert all("2 at a time" in one.detail for one in findings if one.what.endswith(": time"))


def test_an_open_network_is_warned_of_with_who_has_it() -> None:
    assert not [one for one in found() if one == "toy: network"]
    some = found(wanted=replace(WANTED, open=("primary",)))["toy: network"]
    assert some.level == "warn"
    assert "what an agent runs (primary) reaches" in some.detail
    assert "169.254.169.254" in some.detail
    assert some.remedy.endswith("Agents of the other arms have no network.")
    every = found(wanted=replace(WANTED, open=WANTED.arms, open_grading=True))["toy: network"]
    assert "and what it wrote, while the tests run it reaches" in every.detail
    assert "other arms" not in every.remedy
    assert "(" not in found(wanted=replace(WANTED, open_grading=True))["toy: network"].detail.partition("reaches")[0]
