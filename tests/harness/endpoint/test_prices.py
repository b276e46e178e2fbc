import json
from typing import Any

import pytest

from harness.contract import Usage
from harness.endpoint.prices import Prices, current, listed
from harness.endpoint.profile import named
from tests.harness.endpoint.making import profile
from tests.harness.endpoint.pages import Pages

OFFERS = [
    {
        "provider_name": "Cheap Co",
        "tag": "cheap-co/fp8",
        "quantization": "fp8",
        "pricing": {"prompt": "0.0000001", "completion": "0.000001"},
    },
    {
        "provider_name": "Dear",
        "tag": "dear/bf16",
        "quantization": "bf16",
        "pricing": {"prompt": "0.0000009", "completion": "0.000009", "input_cache_read": "0.0000002"},
    },
]
FILE_PRICES = {"input": 5, "output": 6, "as_of": "2026-11"}


def read(offers: Any, **extra: Any) -> Prices | None:
    path = "/v1/models/toy-model/endpoints"
    with Pages({path: json.dumps({"data": {"endpoints": offers}})}) as pages:
        return current(
            profile(base_url=f"{pages.address}/v1", live_prices="openrouter", prices=FILE_PRICES, extra_body=extra)
        )


def test_the_price_of_a_use() -> None:
    prices = Prices(1.0, 0.5, 10.0, "a test")
    assert prices.cost(Usage(1000, 400, 100)) == pytest.approx((600 + 200 + 1000) / 1e6)
    assert prices.cost(Usage(1000, None, 100)) == pytest.approx((1000 + 1000) / 1e6)
    assert prices.cost(Usage(1000)) is None


def test_prices_of_the_profile_name_their_day() -> None:
    prices = listed(named("longcat"))
    assert prices is not None
    assert (prices.input, prices.cached_input, prices.output) == (0.75, 0.015, 2.95)
    assert "2026-11" in prices.source


def test_without_a_price_for_cached_input_it_costs_as_input() -> None:
    prices = listed(named("openrouter"))
    assert prices is not None
    assert prices.cached_input == prices.input


def test_unknown_prices() -> None:
    assert listed(profile()) is None
    assert current(profile()) is None


def test_the_dearest_provider_bounds_the_price() -> None:
    prices = read(OFFERS)
    assert prices is not None
    assert (prices.input, prices.output) == (pytest.approx(0.9), pytest.approx(9.0))
    assert "the dearest of 2 providers" in prices.source


@pytest.mark.parametrize(
    "routing",
    [
        {"only": ["cheap-co"]},
        {"ignore": ["Dear"]},
        {"quantizations": ["fp8"]},
        {"order": ["Cheap Co"], "allow_fallbacks": False},
    ],
)
def test_a_provider_that_is_ruled_out_does_not_count(routing: dict[str, Any]) -> None:
    prices = read(OFFERS, provider=routing)
    assert prices is not None
    assert (prices.input, prices.cached_input, prices.output) == pytest.approx((0.1, 0.1, 1.0))


@pytest.mark.parametrize("offers", [[], None, [{"pricing": {}}], [{"pricing": {"prompt": "?", "completion": "1"}}]])
def test_a_page_without_prices_falls_back_to_the_profile(offers: Any) -> None:
    prices = read(offers)
    assert prices is not None
    assert (prices.input, prices.output) == (5, 6)


def test_an_unreachable_page_falls_back_to_the_profile() -> None:
    prices = current(profile(live_prices="openrouter", prices=FILE_PRICES))
    assert prices is not None
    assert "profile toy" in prices.source


def test_a_missing_page_falls_back_to_the_profile() -> None:
    with Pages({}) as pages:
        prices = current(profile(base_url=pages.address, live_prices="openrouter", prices=FILE_PRICES))
    assert prices is not None
    assert prices.input == 5
