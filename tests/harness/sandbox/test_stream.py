from hypothesis import given
from hypothesis import strategies as st

from harness.sandbox.stream import Frames


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=40))), st.lists(st.integers(1, 30)))
def test_payloads_come_whole_however_the_bytes_are_cut(frames: list[tuple[int, bytes]], cuts: list[int]) -> None:
    data = b"".join(bytes([kind, 0, 0, 0]) + len(payload).to_bytes(4, "big") + payload for kind, payload in frames)
    reader, found = Frames(), b""
    for size in [*cuts, len(data) + 1]:
        piece, data = data[:size], data[size:]
        found += b"".join(reader.feed(piece))
    assert found == b"".join(payload for _, payload in frames)
