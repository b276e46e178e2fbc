"""One line of the journal: its envelope, its body, and how the two are bound.

A line is ``{"envelope":{...},"body":{...}|null}`` and a newline, ASCII only, both parts canonical JSON. In the envelope
``slot`` is sorted before ``status``, so ``},"body":`` first occurs where the envelope ends, and a line is taken apart
without parsing its body. The envelope holds the SHA-256 of the body and of the envelope before it, so that a body may
be dropped (replaced by ``null``) and the chain still verifies.
"""

import json
import math
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from harness.canonical import canonical_json, sha256_hex
from harness.contract import Slot
from harness.errors import JournalError

OK = "ok"
ERROR = "error"
SALT = "salt"
REDACTED = b"null"

_HEAD = b'{"envelope":'
_MIDDLE = b',"body":'
_TAIL = b"}\n"
_HASH = re.compile("[0-9a-f]{64}")
_SLOT_TYPES = {"task": str, "arm": str, "item": str, "repeat": int, "role": str, "turn": str}
_SLOT_KEYS = _SLOT_TYPES.keys()
_ENVELOPE_KEYS = frozenset({"n", "kind", "slot", "key", "status", "at", "cost", "body", "prev"})


class BadLine(JournalError):
    """A line that no journal of ours holds: torn, damaged or changed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a line without its body.

    ``n`` counts lines from 0; ``at`` is the time of recording, ISO 8601 in UTC; ``cost`` is in USD, None if unknown;
    ``offset`` and ``length`` are bytes of the journal file, newline included; ``line_hash`` is the SHA-256 of the
    envelope, which the next line repeats as its ``prev``.
    """

    n: int
    kind: str
    slot: Slot
    key: str | None
    status: str
    at: str
    cost: float | None
    offset: int
    length: int
    line_hash: str


class Line(NamedTuple):
    """A line taken apart: ``prev`` and ``body_hash`` as the envelope states them, ``body`` as its bytes."""

    entry: Entry
    prev: str
    body_hash: str
    body: bytes

    @property
    def redacted(self) -> bool:
        """Whether the body was dropped."""
        return self.body == REDACTED

    def check_body(self) -> None:
        """Raise :class:`BadLine` unless the body was dropped or is the one that was recorded."""
        if not self.redacted and sha256_hex(self.body) != self.body_hash:
            raise BadLine("the body does not match its hash")


def encode_body(body: Mapping[str, Any]) -> bytes:
    """Canonical JSON of ``body`` and a random salt of 128 bits: a dropped body cannot be guessed from its hash.

    Raises:
        ValueError: for NaN, infinities, or a key named ``salt``.
        TypeError: for anything that is not JSON.
    """
    if SALT in body:
        raise ValueError(f"a body's key \"{SALT}\" is the journal's own")
    return canonical_json({**body, SALT: secrets.token_hex(16)})


def decode_body(line: Line) -> dict[str, Any] | None:
    """The body as it was given to the journal, without its salt; None if it was dropped."""
    if line.redacted:
        return None
    try:
        body = json.loads(line.body)
    except (ValueError, RecursionError) as error:
        raise BadLine("the body is not JSON") from error
    if not isinstance(body, dict) or not isinstance(body.pop(SALT, None), str):
        raise BadLine("the body is not an object with a salt")
    return body


def new_envelope(
    kind: str, slot: Slot, key: str | None, status: str, cost: float | None, body: bytes
) -> dict[str, Any]:
    """An envelope that still lacks its place (``n``, ``at``, ``prev``).

    Raises:
        ValueError: if a field is not what the format allows; nothing unreadable is ever written.
    """
    envelope = {
        "kind": kind,
        "slot": {name: getattr(slot, name) for name in _SLOT_TYPES},
        "key": key,
        "status": status,
        "cost": cost if cost is None else float(cost),
        "body": sha256_hex(body),
    }
    trial = {**envelope, "n": 0, "at": "", "prev": sha256_hex(b"")}
    if problem := _problem(trial):
        raise ValueError(f"cannot be recorded for {slot}: {problem}")
    return envelope


def encode_line(envelope: Mapping[str, Any], body: bytes, offset: int) -> tuple[bytes, Entry]:
    """The bytes of a line that will begin at byte ``offset``, and what is known of it; ``envelope`` must be whole."""
    raw = canonical_json(envelope)
    line = b"".join((_HEAD, raw, _MIDDLE, body, _TAIL))
    return line, _entry(envelope, raw, offset, len(line))


def split_line(line: bytes) -> tuple[bytes, bytes]:
    """The envelope's and the body's bytes, unparsed."""
    if not line.endswith(b"\n"):
        raise BadLine("it has no end: torn, or being written at this moment")
    end = line.find(b"}" + _MIDDLE) + 1
    if not (line.startswith(_HEAD) and line.endswith(_TAIL) and end):
        raise BadLine("it is not an envelope and a body")
    return line[len(_HEAD) : end], line[end + len(_MIDDLE) : -len(_TAIL)]


def decode_line(line: bytes, offset: int) -> Line:
    """Take apart a line that begins at byte ``offset``. The body is neither parsed nor checked.

    Raises:
        BadLine: if the envelope is not exactly what this module writes.
    """
    raw, body = split_line(line)
    try:
        envelope = json.loads(raw)
        exact = canonical_json(envelope) == raw
    except (ValueError, RecursionError) as error:
        raise BadLine("the envelope is not JSON") from error
    if not exact:
        raise BadLine("the envelope is not in canonical form")
    if problem := _problem(envelope):
        raise BadLine(f"the envelope is wrong: {problem}")
    return Line(_entry(envelope, raw, offset, len(line)), envelope["prev"], envelope["body"], body)


def redact(line: bytes) -> bytes:
    """The same line without its body; its envelope is unchanged to the byte, so the chain still verifies.

    Raises:
        BadLine: if ``line`` is not a line of a journal.
    """
    raw, _ = split_line(line)
    return b"".join((_HEAD, raw, _MIDDLE, REDACTED, _TAIL))


def _entry(envelope: Mapping[str, Any], raw: bytes, offset: int, length: int) -> Entry:
    return Entry(
        n=envelope["n"],
        kind=envelope["kind"],
        slot=Slot(**envelope["slot"]),
        key=envelope["key"],
        status=envelope["status"],
        at=envelope["at"],
        cost=envelope["cost"],
        offset=offset,
        length=length,
        line_hash=sha256_hex(raw),
    )


def _problem(envelope: object) -> str | None:
    """What is wrong with the fields of an envelope, or None."""
    if not isinstance(envelope, dict) or envelope.keys() != _ENVELOPE_KEYS:
        return f"its fields are not {sorted(_ENVELOPE_KEYS)}"
    slot = envelope["slot"]
    if not isinstance(slot, dict) or slot.keys() != _SLOT_KEYS:
        return f"the slot's fields are not {list(_SLOT_TYPES)}"
    wrong = [name for name, kind in _SLOT_TYPES.items() if type(slot[name]) is not kind]
    if type(envelope["n"]) is not int or envelope["n"] < 0:
        wrong.append("n")
    wrong += [name for name in ("kind", "at") if type(envelope[name]) is not str]
    if envelope["status"] not in (OK, ERROR):
        wrong.append("status")
    cost = envelope["cost"]
    if cost is not None and not (type(cost) is float and math.isfinite(cost)):
        wrong.append("cost")
    wrong += [name for name in ("body", "prev") if not _is_hash(envelope[name])]
    if envelope["key"] is not None and not _is_hash(envelope["key"]):
        wrong.append("key")
    return f"not a valid value of {', '.join(wrong)}" if wrong else None


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None
