"""One byte string for one value, so that a hash names it."""

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """Encode ``value`` as JSON with sorted keys, no white space, ASCII only.

    ASCII keeps lone surrogates, U+2028 and every other character of a reply intact and on one line.

    Raises:
        ValueError: for NaN and infinities, which JSON has no word for.
        TypeError: for anything that is not JSON.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def sha256_hex(data: bytes) -> str:
    """SHA-256 of ``data`` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON of ``value``."""
    return sha256_hex(canonical_json(value))


def readable_json(value: Any) -> bytes:
    """Encode ``value`` as indented UTF-8 JSON in its own order with a final newline, for files that people open."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
