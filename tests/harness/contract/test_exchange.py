import json

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.contract import Outcome, Reply, Request, Sampling, Slot, Timing, Usage

SLOT = Slot("toy", "on", "1", 0)


def test_a_slot_names_itself() -> None:
    assert str(SLOT) == "toy/on/1#0/answer/0"


def test_the_key_holds_what_shapes_the_reply_and_nothing_else() -> None:
    one = Request(SLOT, "m", ({"role": "user", "content": "a"},), Sampling(1.0, 0.9), "on", 100)
    elsewhere = Request(Slot("toy", "on", "2", 3), "m", one.messages, one.sampling, "on", 200)
    assert one.keyed() == elsewhere.keyed()
    assert "options" not in one.keyed()
    assert Request(SLOT, "m", one.messages, one.sampling, "on", 100, options={"stop": ["x"]}).keyed() != one.keyed()


def test_a_reply_is_read_back_as_it_was() -> None:
    reply = Reply(
        "text",
        finish_reason="length",
        tool_calls=({"id": "call_1", "function": {"name": "bash", "arguments": "{}"}},),
        usage=Usage(1, None, 3),
        timing=Timing("2026-11-01T00:00:00.000+00:00", 0.5, 2.0),
        failed_attempts=({"fault": "timeout"},),
    )
    assert Reply.from_json(json.loads(json.dumps(reply.to_json()))) == reply
    assert reply.truncated
    assert Reply.from_json(Reply("").to_json()) == Reply("")


@settings(max_examples=20)
@given(
    st.builds(
        Outcome,
        st.booleans(),
        how=st.text(),
        capped=st.booleans(),
        failed_tests=st.lists(st.text()).map(tuple),
        turns=st.integers(0, 500),
        seconds=st.none() | st.floats(0, 1e5),
        usage=st.builds(Usage, input=st.none() | st.integers(0, 10**9)),
        cost_usd=st.none() | st.floats(0, 100),
        provider=st.none() | st.text(min_size=1),
    )
)
def test_an_outcome_is_read_back_as_it_was_and_what_is_unknown_is_left_out(outcome: Outcome) -> None:
    written = outcome.to_json()
    assert Outcome.from_json(json.loads(json.dumps(written))) == outcome
    assert Outcome(outcome.resolved).to_json() == {"resolved": outcome.resolved}
    assert ("cost_usd" in written) == (outcome.cost_usd is not None)
