"""What tokens cost: the provider's own page where it has one, else the dated prices of the profile."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from harness.contract import Usage
from harness.endpoint.profile import Profile

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """USD per million tokens. ``source`` is a sentence for the report.

    ``extra_output_tokens`` may be charged beyond a request's ``max_tokens`` (a provider that counts thinking apart).
    """

    input: float
    cached_input: float
    output: float
    source: str
    extra_output_tokens: int = 0

    def cost(self, usage: Usage) -> float | None:
        """USD for what was used; None where the provider did not count both directions."""
        if usage.input is None or usage.output is None:
            return None
        cached = min(usage.cached or 0, usage.input)
        used = (usage.input - cached) * self.input + cached * self.cached_input + usage.output * self.output
        return used / _MILLION

    def worst(self, input_tokens: int, max_tokens: int) -> float:
        """USD that a request of so many input tokens at most can cost at most."""
        dearest_input = max(self.input, self.cached_input)
        return (input_tokens * dearest_input + (max_tokens + self.extra_output_tokens) * self.output) / _MILLION


def listed(profile: Profile) -> Prices | None:
    """The prices written in the profile; None where it has none."""
    if profile.prices is None:
        return None
    prices = profile.prices
    return Prices(
        input=prices.input,
        cached_input=prices.input if prices.cached_input is None else prices.cached_input,
        output=prices.output,
        source=f"prices in the profile {profile.name} (as of {prices.as_of})",
        extra_output_tokens=profile.thinking_extra_tokens,
    )


def current(profile: Profile, *, timeout_s: float = 5.0) -> Prices | None:
    """The provider's prices of today where it tells them, else :func:`listed`. No key is sent.

    With several providers behind one name (OpenRouter), the dearest of those the profile allows, so that a bound on
    cost holds whichever answers. Source: https://openrouter.ai/docs/api/api-reference/endpoints
    """
    import urllib.request

    fallback = listed(profile)
    if profile.live_prices != "openrouter":
        return fallback
    url = f"{profile.base_url}/models/{quote(profile.model, safe='/:')}/endpoints"
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:
            offers = json.load(answer)["data"]["endpoints"]
        return _dearest(profile, [offer for offer in offers if isinstance(offer, Mapping)])
    except (OSError, ValueError, KeyError, TypeError):
        return fallback


def _dearest(profile: Profile, offers: list[Mapping[str, Any]]) -> Prices | None:
    allowed = [offer for offer in offers if _allowed(offer, profile.extra_body.get("provider") or {})] or offers
    if not allowed:
        return listed(profile)
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    count = "one provider" if len(allowed) == 1 else f"the dearest of {len(allowed)} providers"
    source = f"prices of {profile.model} at {profile.name}, {count}, read on {day}"
    output = max(_per_million(offer["pricing"]["completion"]) for offer in allowed)
    paid = max(_per_million(offer["pricing"]["prompt"]) for offer in allowed)
    cached = max(
        _per_million(offer["pricing"].get("input_cache_read", offer["pricing"]["prompt"])) for offer in allowed
    )
    return Prices(paid, cached, output, source, profile.thinking_extra_tokens)


def _per_million(price_of_a_token: str) -> float:
    return float(price_of_a_token) * _MILLION


def _allowed(offer: Mapping[str, Any], routing: Mapping[str, Any]) -> bool:
    """Whether OpenRouter's ``provider`` field lets a request go there."""
    names = {_plain(offer.get("provider_name")), _plain(str(offer.get("tag") or "").split("/")[0])}
    if only := routing.get("only"):
        return bool(names & _plains(only))
    if names & _plains(routing.get("ignore") or []):
        return False
    if (order := routing.get("order")) and routing.get("allow_fallbacks") is False:
        return bool(names & _plains(order))
    precisions = routing.get("quantizations")
    return not precisions or offer.get("quantization") in precisions


def _plains(values: Iterable[str]) -> set[str]:
    return {_plain(value.split("/")[0]) for value in values}


def _plain(value: Any) -> str:
    return "".join(letter for letter in str(value).lower() if letter.isalnum())
