from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.endpoint.sse import EventSplitter

EVENTS = ['{"a":"甲\u2028乙\x85丙"}', '{"b":"x\\ny"}', "[DONE]"]


def split(chunks: list[bytes]) -> list[str]:
    splitter = EventSplitter()
    payloads = [payload for chunk in chunks for payload in splitter.feed(chunk)]
    return [payload.decode() for payload in payloads] + [rest.decode() for rest in [splitter.rest()] if rest]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@given(cuts=st.lists(st.integers(min_value=0, max_value=140)))
def test_payloads_do_not_depend_on_where_the_bytes_are_cut(newline: str, cuts: list[int]) -> None:
    stream = "".join(f"data: {event}{newline}{newline}" for event in EVENTS).encode()
    borders = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    assert split([stream[a:b] for a, b in pairwise(borders)]) == EVENTS


def test_comments_and_other_fields_are_not_events() -> None:
    assert split([b": KEEP-ALIVE\n\nevent: message\nid: 7\nretry: 10\ndata:{}\n\n"]) == ["{}"]


def test_a_last_line_without_its_end_is_what_rests() -> None:
    assert split([b'data: {"a":1}\n', b'data: {"b":']) == ['{"a":1}', '{"b":']


def test_a_comment_without_its_end_rests_as_nothing() -> None:
    assert split([b": bye"]) == []
