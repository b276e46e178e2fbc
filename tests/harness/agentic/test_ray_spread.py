import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections import Counter
from concurrent.futures import Future
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import harness
from harness import __version__
from harness.agentic.ray_spread import answer, at_a_time, ray_cluster, run_on_node
from harness.agentic.terms import Infrastructure
from harness.errors import UsageError
from tests.needs import long_run, missing

pytestmark = pytest.mark.xdist_group("ray")
ROOT = Path(harness.__file__).parents[1]
SCRIPT = Path(__file__).with_name("ray_jobs.py")
WITHIN_S = 240


def need_ray() -> None:
    if find_spec("ray") is None:
        missing("Ray is not installed (pip install 'longcat-repro[ray]')")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What :mod:`tests.harness.agentic.ray_jobs` tells; every process of it is gone afterwards."""
    need_ray()
    long_run()
    folder = tmp_path_factory.mktemp("ray")
    own = {
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
    }
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(folder)],
        cwd=folder,
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=WITHIN_S)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    assert process.returncode == 0, err.decode()
    told: dict[str, Any] = json.loads(out.splitlines()[-1])
    return told


def test_twelve_jobs_are_done_once_each_and_that_of_a_killed_worker_again(found: dict[str, Any]) -> None:
    assert [one["number"] for one in found["done"]] == list(range(12))
    assert {one["number"]: one["tries"] for one in found["done"] if one["tries"] > 1} == {5: 2}


def test_both_nodes_are_used(found: dict[str, Any]) -> None:
    assert found["sandboxes"] == 4
    assert len(Counter(one["node"] for one in found["done"])) == 2


def test_what_a_lost_node_had_is_done_by_another(found: dict[str, Any]) -> None:
    begun, ended = found["begun"], found["ended"]
    assert len(set(begun)) == 2
    assert ended == [found["left"]] * 3


def test_errors_travel_as_themselves_and_lost_workers_are_infrastructure(found: dict[str, Any]) -> None:
    assert found["fails"] == ["Infrastructure", "image", "image: it could not be had"]
    kind, cause, text = found["dies"]
    assert (kind, cause) == ("Infrastructure", "worker")
    assert text.startswith("worker: lost 4 times; the last time WorkerCrashedError: ")


def test_a_node_with_another_version_is_refused(found: dict[str, Any]) -> None:
    assert f"has version {__version__} of longcat-repro, and the head has 0.0.2" in found["other"]


def test_without_an_address_a_cluster_of_this_machine_is_made(found: dict[str, Any]) -> None:
    assert found["alone"] == [2, "127.0.0.1", 4]


def test_workers_are_told_an_address_they_can_reach(found: dict[str, Any]) -> None:
    assert socket.inet_aton(found["head"])


def test_a_node_that_joined_late_with_another_version_does_not_work() -> None:
    with pytest.raises(UsageError, match=r"has version .*, and the head has 0\.0\.2"):
        run_on_node("0.0.2", sum, ([1, 2],), {})
    assert run_on_node(__version__, sum, ([1, 2],), {"start": 3}) == 6
    with pytest.raises(Infrastructure):
        run_on_node(__version__, fail, (), {})


def fail() -> None:
    raise Infrastructure("engine", "it is gone")


@pytest.mark.parametrize(("wanted", "expected"), [(None, 5), (3, 3), (9, 5)])
def test_as_many_at_a_time_as_the_nodes_offer(wanted: int | None, expected: int) -> None:
    assert at_a_time(wanted, {"a": 2, "b": 3}) == expected


def test_a_cluster_without_sandboxes_is_refused() -> None:
    with pytest.raises(UsageError, match="no node of the Ray cluster offers a sandbox; join nodes with: ray start"):
        at_a_time(2, {})


def test_when_all_nodes_are_gone_nobody_waits_for_ever() -> None:
    offers = iter([{}, {"a": 1}, {}, {}])
    with pytest.raises(Infrastructure, match="worker: for 0 s no node of the cluster has offered a sandbox"):
        asyncio.run(answer(Future(), lambda: next(offers), 0))
    assert not list(offers)


def test_an_answer_that_comes_between_two_looks_is_taken() -> None:
    future: Future[int] = Future()

    def offers() -> dict[str, int]:
        future.set_result(7)
        return {}

    assert asyncio.run(answer(future, offers, 0)) == 7


@pytest.mark.parametrize("address", ["nonsense", "ray://127.0.0.1:1", "127.0.0.1:"])
def test_what_is_no_address_is_refused(address: str) -> None:
    need_ray()
    with pytest.raises(UsageError, match="address is host:port or auto, not "), ray_cluster(2, address):
        pytest.fail("nothing answers there")


def test_an_address_where_nothing_answers_is_refused_at_once() -> None:
    need_ray()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(UsageError, match=f"no Ray cluster answers at {address}: "), ray_cluster(2, address):
        pytest.fail("nothing answers there")
