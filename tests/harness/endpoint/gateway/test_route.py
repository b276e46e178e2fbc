import re
from typing import Any

import pytest

from harness.contract import Reply, Sampling, Slot
from harness.endpoint.gateway.asked import Asked
from harness.endpoint.gateway.route import NotAdmitted, Rewrite, Route, message_id

DATE = Rewrite(re.compile(r"(Today's date is )\d{4}-\d\d-\d\d"), r"\g<1>2026-01-01")


def route(**other: Any) -> Route:
    return Route(
        **{
            "name": "trial",
            "token": "secret",
            "slot": Slot("toy", "on", "item", 0),
            "model": "served",
            "sampling": Sampling(1.0, 0.95),
            "thinking": "on",
            "max_tokens": 1000,
            "rewrites": [DATE],
            **other,
        }
    )


def asked(text: str = "Hello", max_tokens: int | None = None, **other: Any) -> Asked:
    return Asked(({"role": "user", "content": [{"type": "text", "text": text}]},), (), max_tokens, False, **other)


def test_the_run_draws_the_reply_whatever_the_client_says() -> None:
    one = route()
    request = one.request(asked(), {"temperature": 0, "top_k": 5, "model": "other", "seed": None})
    assert (request.model, request.sampling, request.thinking) == ("served", Sampling(1.0, 0.95), "on")
    assert one.overridden == {"temperature", "top_k"}


def test_the_output_limit_is_the_smaller_one() -> None:
    limits = [route().request(asked(max_tokens=limit), {}).max_tokens for limit in (None, 10, 5000)]
    assert limits == [1000, 10, 1000]


def test_the_same_conversation_on_another_day_fills_the_same_slot() -> None:
    first = route().request(asked("Today's date is 2026-11-23"), {})
    later = route().request(asked("Today's date is 2027-03-01"), {})
    assert first == later
    assert first.messages[0]["content"] == [{"type": "text", "text": "Today's date is 2026-01-01"}]


def test_asking_the_same_twice_takes_two_slots_in_order() -> None:
    one, again = route(), route()
    turns = [one.request(asked(text), {}).slot.turn for text in ("a", "b", "a")]
    assert turns[0].endswith("-0")
    assert turns[2] == turns[0].removesuffix("0") + "1"
    assert [again.request(asked(text), {}).slot.turn for text in ("a", "b", "a")] == turns


def test_options_are_part_of_what_is_asked() -> None:
    plain = route().request(asked(), {})
    forced = route().request(asked(options={"tool_choice": "required"}, unknown={"logit_bias": {}}), {})
    assert forced.options == {"tool_choice": "required", "logit_bias": {}}
    assert plain.slot.turn != forced.slot.turn
    assert "options" not in plain.keyed()


def test_tool_calls_get_ids_that_follow_from_the_slot() -> None:
    one = route()
    request = one.request(asked(), {})
    call = {"id": "random-7", "type": "function", "function": {"name": "bash", "arguments": "{}"}}
    reply = one.took(request, Reply("", tool_calls=(call, call), cost_usd=0.25))
    ids = [each["id"] for each in reply.tool_calls]
    assert ids == [each["id"] for each in route().took(request, Reply("", tool_calls=(call, call))).tool_calls]
    assert len(set(ids)) == 2
    assert (one.turns, one.spent_usd) == (1, 0.25)
    assert message_id(request) == message_id(route().request(asked(), {}))


def test_a_trial_is_capped_once_it_has_spent_what_it_may() -> None:
    one = route(cap_usd=0.5)
    request = one.request(asked(), {})
    one.took(request, Reply("", cost_usd=0.4))
    assert not one.capped
    one.took(request, Reply("", cost_usd=0.1))
    assert one.capped
    assert not route(cap_usd=None, spent_usd=99.0).capped


def test_what_a_rewrite_empties_is_left_out_but_results_stay() -> None:
    changed = Rewrite(re.compile(r"The date has changed\..*"), "", ("system", "tool"))
    told = "The date has changed. It is now 2027-03-02."
    messages = (
        {"role": "user", "content": "Hello"},
        {"role": "system", "content": told},
        {"role": "tool", "tool_call_id": "a", "content": told},
        {"role": "assistant", "content": ""},
    )
    request = route(rewrites=[changed]).request(Asked(messages, (), None, False), {})
    assert request.messages == (messages[0], messages[2] | {"content": ""}, messages[3])


def test_the_trials_own_address_and_token_are_not_told() -> None:
    token = "0123456789abcdef0123"
    one, other = route(name="a1b2", token=token), route(name="c3d4", token=token[::-1])
    said = "ANTHROPIC_AUTH_TOKEN={} ANTHROPIC_BASE_URL=http://127.0.0.1:{}/{}/"
    first = one.request(asked(said.format(token, 3333, "a1b2")), {})
    assert first == other.request(asked(said.format(token[::-1], 4444, "c3d4")), {})
    told = "ANTHROPIC_AUTH_TOKEN=token ANTHROPIC_BASE_URL=http://127.0.0.1/trial/"
    assert first.messages[0]["content"][0]["text"] == told


def test_random_names_are_the_same_for_the_model_and_their_own_for_the_client() -> None:
    saved = Rewrite(re.compile(r"saved to: /logs/(\w+)\.txt"), None)
    keys = []
    for name in ("bq81kd02x", "b77aa1zzz"):
        one = route(rewrites=[saved])
        messages = ({"role": "tool", "tool_call_id": "call_1", "content": f"saved to: /logs/{name}.txt"},)
        request = one.request(Asked(messages, (), None, False), {})
        alias = request.messages[0]["content"].removeprefix("saved to: /logs/").removesuffix(".txt")
        assert alias.startswith("id")
        call = {
            "id": "x",
            "type": "function",
            "function": {"name": "bash", "arguments": f'{{"command": "cat {alias}"}}'},
        }
        reply = one.took(request, Reply(f"I read {alias}.", reasoning=alias, tool_calls=(call,)))
        assert (reply.content, reply.reasoning) == (f"I read {name}.", name)
        assert reply.tool_calls[0]["function"]["arguments"] == f'{{"command": "cat {name}"}}'
        keys.append(request.slot.turn)
    assert keys[0] == keys[1]


def test_what_tools_gave_and_the_model_said_is_rewritten_only_where_a_rewrite_says_so() -> None:
    told = "Today's date is 2026-11-23"
    messages = tuple({"role": role, "content": told} for role in ("system", "user", "assistant", "tool"))
    for roles, changed in ((("tool",), [3]), (DATE.roles, [0, 1])):
        one = route(rewrites=[DATE._replace(roles=roles)])
        request = one.request(Asked(messages, ({"description": told},), None, False), {})
        found = [place for place, message in enumerate(request.messages) if message["content"] != told]
        assert found == changed
        assert (request.tools[0]["description"] != told) == ("system" in roles)


def test_who_answered_is_counted_and_whether_it_had_a_price() -> None:
    one = route()
    request = one.request(asked(), {})
    one.took(request, Reply("", cost_usd=0.0, provider="near", served_model="m-1"))
    one.took(request, Reply("", cost_usd=0.1, provider="far", served_model="m-1"))
    assert one.priced
    one.took(request, Reply(""))
    assert not one.priced
    assert (one.providers, one.served_models) == ({"near": 1, "far": 1}, {"m-1": 2})


def test_a_trial_that_is_over_or_at_its_cap_asks_no_more() -> None:
    one = route(cap_usd=0.5)
    one.admit()
    one.over = True
    with pytest.raises(NotAdmitted, match="is over"):
        one.admit()
    assert not one.refused_at_cap
    spent = route(cap_usd=0.5, spent_usd=0.5)
    with pytest.raises(NotAdmitted, match=r"spent its \$0\.50"):
        spent.admit()
    assert spent.refused_at_cap


def test_times_of_waiting_are_counted_once_and_up_to_the_end() -> None:
    one = route()
    assert one.waited_s() == 0
    for start, end in [(10.0, 12.0), (11.0, 13.0), (11.5, 12.5), (20.0, 30.0), (15.0, 14.0)]:
        one.waited(start, end)
    assert one.waited_s() == 13.0
    assert one.waited_s(25.0) == 8.0
    assert one.waited_s(5.0) == 0
