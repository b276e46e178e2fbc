import socket

import pytest

from harness.datasource.network import hub_endpoint, network_reachable
from tests.harness.datasource.hub_standin import Hub, hub_standin


def test_any_answer_counts_and_is_asked_for_once() -> None:
    with hub_standin(Hub()) as hub:
        assert network_reachable(f"{hub.address}/some/file.csv")
        assert network_reachable(f"{hub.address}/another.csv")
        assert hub.requests == ["HEAD /"]


def test_a_closed_port_is_not_reachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    assert not network_reachable(f"http://127.0.0.1:{port}/x")


def test_a_host_that_accepts_and_says_nothing_is_not_reachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not network_reachable(f"http://127.0.0.1:{server.getsockname()[1]}/")


@pytest.mark.parametrize("url", ["not an address", "", "ftp//x"])
def test_nonsense_is_not_reachable(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "nonsense")
    assert not network_reachable(url)


def test_the_hub_is_the_one_that_its_own_libraries_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    assert hub_endpoint() == "https://huggingface.co"
    with hub_standin(Hub()) as hub:
        monkeypatch.setenv("HF_ENDPOINT", f"{hub.address}/")
        assert hub_endpoint() == hub.address
        assert network_reachable()
