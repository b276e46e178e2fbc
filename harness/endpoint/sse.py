"""Bytes of a ``text/event-stream`` to the JSON texts of its events.

Lines end at \\n or \\r\\n and nowhere else. Line iterators of HTTP clients also split at U+2028 and U+0085, which are
ordinary characters inside a JSON string, and so tear a reply into halves that no longer parse. Every ``data:`` line is
one event: no chat-completions server spreads a JSON object over several.
Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

DONE = b"[DONE]"
"""The payload after which a server sends nothing more."""


class EventSplitter:
    """Splits a stream of byte chunks, cut anywhere, into the payloads of its ``data:`` lines."""

    __slots__ = ("_tail",)

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the payloads of the lines that ``chunk`` completes; comments and other fields are dropped."""
        lines = (self._tail + chunk).split(b"\n") if self._tail else chunk.split(b"\n")
        self._tail = lines.pop()
        return [line[5:].strip(b" \r") for line in lines if line.startswith(b"data:")]

    def rest(self) -> bytes:
        """Return the payload of a last line without its line end, or nothing."""
        tail, self._tail = self._tail, b""
        return tail[5:].strip(b" \r") if tail.startswith(b"data:") else b""
