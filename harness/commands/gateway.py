"""``gateway``: an endpoint behind the journal, for Claude Code and any OpenAI client."""

import asyncio
import secrets
import signal
from argparse import Namespace
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from harness.commands.asking import named_endpoint
from harness.commands.common import say

if TYPE_CHECKING:
    from harness.endpoint.gateway import Route
    from harness.endpoint.prices import Prices
    from harness.endpoint.profile import Profile
    from harness.runner.run import OpenRun

NAME = "main"
EXPORTS = """\
For Claude Code:
  export ANTHROPIC_BASE_URL={url}
  export ANTHROPIC_AUTH_TOKEN={token}
  export ANTHROPIC_MODEL={model} ANTHROPIC_DEFAULT_OPUS_MODEL={model}
  export ANTHROPIC_DEFAULT_SONNET_MODEL={model} ANTHROPIC_DEFAULT_HAIKU_MODEL={model}
  export CLAUDE_CODE_MAX_RETRIES=0 CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=1 CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1
For any OpenAI client:
  export OPENAI_BASE_URL={url}/v1
  export OPENAI_API_KEY={token}
"""


def gateway(arguments: Namespace) -> int:
    """Serve until Ctrl-C; every reply is on the disk before it is handed on."""
    from harness.endpoint.keys import read_key
    from harness.endpoint.local import as_fetched, serve
    from harness.endpoint.prices import current
    from harness.reported import load_reported
    from harness.runner import manifest as manifests
    from harness.runner.run import start_or_resume

    profile = as_fetched(named_endpoint(arguments))
    key = read_key(profile)
    prices = current(profile)
    reported = load_reported(profile.reported or "longcat-2.0")
    facts = manifests.endpoint_facts(profile)
    thinking = arguments.thinking if profile.thinking else "none"
    drawn = {"temperature": arguments.temperature, "top_p": arguments.top_p, "thinking": thinking}

    def make(attempt: int) -> dict[str, Any]:
        return manifests.build(
            [],
            endpoint=facts,
            profile=profile.model_dump(mode="json"),
            reported=reported,
            seed=0,
            attempt=attempt,
            command=arguments.command_line,
            gateway=drawn,
        )

    found = start_or_resume(arguments.results, arguments.run_id, arguments.new, make, say)
    with serve(profile, key) as (served, served_key), suppress(KeyboardInterrupt):
        asyncio.run(_serve(arguments, found, served, served_key, prices, thinking))
    return 0


async def _serve(
    arguments: Namespace,
    found: "OpenRun",
    profile: "Profile",
    key: str | None,
    prices: "Prices | None",
    thinking: Any,
) -> None:
    from harness.contract import Sampling, Slot
    from harness.endpoint.ask import Ask
    from harness.endpoint.endpoint import Endpoint
    from harness.endpoint.gateway import Gateway, Route
    from harness.endpoint.spend import Spend
    from harness.journal import Journal
    from harness.runner.run import replies_of, spent_before

    route = Route(
        name=NAME,
        token=secrets.token_urlsafe(24),
        slot=Slot("gateway", NAME, "session", 0),
        model=profile.model,
        sampling=Sampling(arguments.temperature, arguments.top_p),
        thinking=thinking,
        max_tokens=arguments.max_tokens,
        offered=profile.model,
    )
    with Journal.open(found.directory, found.manifest_hash) as journal:
        recorded = replies_of(journal)
        spend = Spend(arguments.budget, prices, already=spent_before(journal))
        async with (
            Endpoint(profile, key, concurrency=arguments.concurrency, retries=arguments.retries) as endpoint,
            Gateway(
                Ask(journal, {"answer": endpoint}, spend),
                unknown_fields=profile.unknown_fields,
                host=arguments.host,
                port=arguments.port,
            ) as gateway,
        ):
            url = gateway.open(route)
            print(EXPORTS.format(url=url, token=route.token, model=profile.model), flush=True)
            if recorded:
                say(f"{recorded} replies are recorded; the same conversation is given them again (`--new` asks anew)")
            say(
                f"every request is drawn at temperature {arguments.temperature:g}, top_p {arguments.top_p:g}, thinking "
                f"{thinking}; Ctrl-C ends the gateway"
            )
            await _interrupted()
        say(_account(route, prices is not None))


async def _interrupted() -> None:
    """Return at SIGINT or SIGTERM; what is in flight is waited for afterwards, and another signal cuts that off."""
    loop, came, numbers = asyncio.get_running_loop(), asyncio.Event(), (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        loop.add_signal_handler(number, came.set)
    try:
        await came.wait()
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _account(route: "Route", priced: bool) -> str:
    cost = f", ${route.spent_usd:.4f}" if priced else ""
    ignored = f"; the clients' own {', '.join(sorted(route.overridden))} were not used" if route.overridden else ""
    return f"{route.turns} replies{cost}{ignored}"
