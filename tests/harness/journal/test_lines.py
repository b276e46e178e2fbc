import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.canonical import canonical_json, sha256_hex
from harness.contract import Slot
from harness.errors import JournalError
from harness.journal import redact
from harness.journal.lines import BadLine, decode_body, decode_line, encode_body, encode_line, new_envelope, split_line
from tests.harness.journal.making import KEY, MANIFEST, slot

PLACE = {"n": 7, "at": "2026-01-02T03:04:05.678+00:00", "prev": MANIFEST}

texts = st.text(st.characters(exclude_categories=()))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
bodies = st.dictionaries(texts.filter(lambda key: key != "salt"), json_values, max_size=5)
slots = st.builds(Slot, texts, texts, texts, st.integers(min_value=0), texts, texts)


def make(body: dict[str, object], where: Slot | None = None, cost: float | None = 0.25) -> bytes:
    data = encode_body(body)
    envelope = new_envelope("reply", where or slot(1), KEY, "ok", cost, data)
    return encode_line({**envelope, **PLACE}, data, 0)[0]


@given(bodies, slots)
def test_any_body_and_slot_survive(body: dict[str, object], where: Slot) -> None:
    line = make(body, where)
    assert line.isascii()
    assert line.count(b"\n") == 1
    decoded = decode_line(line, 40)
    decoded.check_body()
    assert decode_body(decoded) == body
    entry = decoded.entry
    assert (entry.n, entry.kind, entry.slot, entry.key, entry.status) == (7, "reply", where, KEY, "ok")
    assert (entry.at, entry.cost, entry.offset, entry.length) == (PLACE["at"], 0.25, 40, len(line))
    assert (decoded.prev, decoded.redacted) == (MANIFEST, False)


@given(bodies)
def test_a_body_whose_text_looks_like_a_line_is_still_taken_apart(body: dict[str, object]) -> None:
    line = make({"inner": make(body).decode(), **body}, slot(1, item='"},"body":{}', arm='},"body":'))
    decoded = decode_line(line, 0)
    decoded.check_body()
    assert decoded.entry.slot == slot(1, item='"},"body":{}', arm='},"body":')


def test_the_line_is_what_the_format_says() -> None:
    line = make({"reply": "yes"})
    assert line.startswith(b'{"envelope":{"at":')
    whole = json.loads(line)
    assert list(whole) == ["envelope", "body"]
    assert whole["body"]["reply"] == "yes"
    assert len(bytes.fromhex(whole["body"]["salt"])) == 16
    assert whole["envelope"] == {
        **PLACE,
        "kind": "reply",
        "slot": {"task": "ifeval", "arm": "on", "item": "item-1", "repeat": 0, "role": "answer", "turn": "0"},
        "key": KEY,
        "status": "ok",
        "cost": 0.25,
        "body": sha256_hex(canonical_json(whole["body"])),
    }
    assert decode_line(line, 0).entry.line_hash == sha256_hex(canonical_json(whole["envelope"]))


def test_equal_bodies_have_different_hashes() -> None:
    hashes = {decode_line(make({"reply": "A"}), 0).body_hash for _ in range(50)}
    assert len(hashes) == 50


def test_redacting_drops_the_body_and_nothing_else() -> None:
    line = make({"reply": "secret"})
    dropped = redact(line)
    assert b"secret" not in dropped
    assert split_line(dropped) == (split_line(line)[0], b"null")
    decoded = decode_line(dropped, 0)
    decoded.check_body()
    assert decoded.redacted
    assert decode_body(decoded) is None
    assert redact(dropped) == dropped


@pytest.mark.parametrize("line", [b"", b"\n", b"{}\n", b'{"envelope":{},"body":{}}', b'{"body":{},"envelope":{}}\n'])
def test_what_is_no_line_is_not_redacted(line: bytes) -> None:
    with pytest.raises(JournalError):
        redact(line)


@given(st.data())
def test_no_changed_byte_passes(data: st.DataObject) -> None:
    line = make({"reply": "a reply of some words", "n": [1, 2.5, None]})
    at = data.draw(st.integers(0, len(line) - 1))
    changed = bytearray(line)
    changed[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != line[at]))
    original = decode_line(line, 0)
    try:
        decoded = decode_line(bytes(changed), 0)
        decoded.check_body()
    except BadLine:
        return
    assert decoded.entry.line_hash != original.entry.line_hash


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"n": -1}, "n"),
        ({"n": True}, "n"),
        ({"status": "fine"}, "status"),
        ({"cost": 1}, "cost"),
        ({"cost": "1"}, "cost"),
        ({"key": "abc"}, "key"),
        ({"body": None}, "body"),
        ({"prev": "F" * 64}, "prev"),
        ({"kind": 3}, "kind"),
        ({"at": None}, "at"),
        ({"slot": None}, "slot"),
        ({"slot": {"task": "ifeval"}}, "slot"),
        ({"slot": {**json.loads(make({}))["envelope"]["slot"], "repeat": "0"}}, "repeat"),
        ({"more": 1}, "fields"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, object], why: str) -> None:
    envelope = {**json.loads(make({}))["envelope"], **change}
    line = b'{"envelope":' + canonical_json(envelope) + b',"body":null}\n'
    with pytest.raises(BadLine, match=why):
        decode_line(line, 0)


@pytest.mark.parametrize(
    "envelope",
    [
        b'{"n":1, "x":2}',
        b'{"cost":NaN}',
        b'{"n":1e400}',
        b"{" + b'"a":{' * 100_000 + b"}",
        b'{"\xff":1}',
        b'{"n":' + b"1" * 5000 + b"}",
    ],
)
def test_envelopes_that_are_not_canonical_json(envelope: bytes) -> None:
    with pytest.raises(BadLine):
        decode_line(b'{"envelope":' + envelope + b',"body":null}\n', 0)


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"salt":1}', b"[" * 100_000])
def test_bodies_that_no_journal_wrote(body: bytes) -> None:
    envelope = {**new_envelope("reply", slot(1), None, "ok", None, body), **PLACE}
    decoded = decode_line(encode_line(envelope, body, 0)[0], 0)
    decoded.check_body()
    with pytest.raises(BadLine):
        decode_body(decoded)


def test_a_body_may_not_bring_its_own_salt() -> None:
    with pytest.raises(ValueError, match="salt"):
        encode_body({"salt": "mine"})


@pytest.mark.parametrize("cost", [float("nan"), float("inf")])
def test_a_cost_must_be_finite(cost: float) -> None:
    with pytest.raises(ValueError, match="cost"):
        new_envelope("reply", slot(1), None, "ok", cost, b"{}")


def test_a_whole_number_of_dollars_is_recorded_as_a_float() -> None:
    assert decode_line(make({}, cost=3), 0).entry.cost == 3.0
    assert b'"cost":3.0' in make({}, cost=3)
