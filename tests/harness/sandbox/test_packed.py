import io
import tarfile
from collections.abc import Iterator

from harness.sandbox.packed import pack, unpack


def archive(kind: bytes, data: bytes = b"") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as opened:
        entry = tarfile.TarInfo("name")
        entry.type, entry.size, entry.linkname = kind, len(data), "/etc/passwd"
        opened.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def test_a_file_comes_out_as_it_went_in() -> None:
    assert unpack(iter([pack("a", b"data", 0o600)]), 100) == b"data"
    assert unpack(iter([pack("a", b"data", 0o600)]), 2) == b"da"


def test_what_is_no_regular_file_is_none() -> None:
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE):
        assert unpack(iter([archive(kind)]), 100) is None
    assert unpack(iter([b"no archive at all" * 100]), 100) is None
    assert unpack(iter([]), 100) is None


def test_no_more_is_taken_than_wanted() -> None:
    def endless() -> Iterator[bytes]:
        header = bytearray(archive(tarfile.REGTYPE, b"x" * 1000))[:512]
        yield bytes(header)
        while True:
            yield b"x" * 65536

    assert unpack(endless(), 10) == b"x" * 10
