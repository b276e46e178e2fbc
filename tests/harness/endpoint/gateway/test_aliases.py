import re

from harness.contract import Message, Reply
from harness.endpoint.gateway.aliases import Aliases, short

PATTERNS = [re.compile(r"ID: (b\w{8})\b"), re.compile(r"/results/(b\w{8})\b")]


def tool(call: str, text: str) -> Message:
    return {"role": "tool", "tool_call_id": call, "content": text}


def test_a_name_is_hidden_everywhere_once_it_is_known() -> None:
    aliases = Aliases(PATTERNS)
    first = tool("call_1", "Running with ID: b12345678. See /results/babcdefgh.txt")
    later: list[Message] = [
        first,
        {"role": "assistant", "content": None, "tool_calls": [{"function": {"arguments": "cat b12345678.output"}}]},
        {"role": "user", "content": [{"type": "text", "text": "b12345678 is done"}]},
    ]
    one, two = (f"id{short(f'call_1/{n}')[:12]}" for n in range(2))
    assert aliases.hide([first])[0]["content"] == f"Running with ID: {one}. See /results/{two}.txt"
    hidden = aliases.hide(later)
    assert hidden[1]["tool_calls"][0]["function"]["arguments"] == f"cat {one}.output"
    assert hidden[2]["content"] == [{"type": "text", "text": f"{one} is done"}]
    assert aliases.show(Reply(f"wait for {one}")).content == "wait for b12345678"


def test_a_name_told_in_a_message_that_is_no_result_goes_by_its_place() -> None:
    parts = [{"type": "image_url"}, {"type": "text", "text": "ID: b12345678"}]
    hidden = Aliases(PATTERNS).hide([tool("call_1", "nothing"), {"role": "user", "content": parts}])
    assert hidden[1]["content"][1]["text"] == f"ID: id{short('1/0')[:12]}"


def test_a_name_is_replaced_only_where_it_is_a_word_of_its_own() -> None:
    aliases = Aliases(PATTERNS)
    (told,) = aliases.hide([tool("call_1", "ID: benchmark, benchmarks, my_benchmark; benchmark.py")])
    alias = f"id{short('call_1/0')[:12]}"
    assert told["content"] == f"ID: {alias}, benchmarks, my_benchmark; {alias}.py"
    call = {"function": {"arguments": f'{{"command": "ls\\n{alias}.py\\u00e9{alias} x{alias}"}}'}}
    shown = aliases.show(Reply("", tool_calls=(call,))).tool_calls[0]["function"]["arguments"]
    assert shown == f'{{"command": "ls\\nbenchmark.py\\u00e9benchmark x{alias}"}}'


def test_half_a_surrogate_pair_names_a_place_too() -> None:
    assert Aliases(PATTERNS).hide([tool("\ud800", "ID: b12345678")])[0]["content"].startswith("ID: id")


def test_nothing_is_changed_without_names() -> None:
    message = tool("call_1", "ID: short")
    assert Aliases(PATTERNS).hide([message]) == (message,)
    assert Aliases(()).show(Reply("text", reasoning=None)) == Reply("text")
