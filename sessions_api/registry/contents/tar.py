"""A reader of tar streams that holds one header at a time, whatever the stream says.

Python's `tarfile` keeps every entry, reads extended headers of any length into memory, and pulls from a file;
so this one reads what layers are made of: ustar, pax, GNU's long names, sparse files and numbers in base 256.
Where formats leave room it decides like Go's `archive/tar`, with which images are built and pulled: extended
headers have 1 MiB at most, headers of links and folders no data, global pax headers no effect.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from sessions_api.registry.contents.model import LayerError

BLOCK = 512
"""Bytes; headers have one, data is filled up to whole ones."""
MOST_EXTENDED = 1024 * 1024
"""Bytes of a pax header or a long name."""
MOST_SIZE = 2**63 - 1
"""Bytes of an entry."""

_POSIX = b"ustar\0"
_SPARSE_GOES_ON, _SPARSE_MAP_GOES_ON = 482, 504
"""Where a GNU header of a sparse file, and each block of its map, say that another block follows."""
_ADLER = 65521
_DIGITS = 20
"""Of the length of a pax record."""


class Kind(Enum):
    """What an entry is; `OTHER` are devices, pipes and what only some programs know."""

    FILE = "file"
    SPARSE = "sparse"
    HARD_LINK = "hard link"
    SYMLINK = "symlink"
    FOLDER = "folder"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.

    Attributes:
        name: as it stands there: any bytes but NUL, absolute or not, with `..` or not.
        mode: permission bits.
        link: what a link leads to, as it stands there.
    """

    name: bytes
    kind: Kind
    mode: int
    link: bytes


class Sink(Protocol):
    """Takes the data of a file."""

    def feed(self, data: bytes) -> None:
        """Takes the next bytes."""

    def close(self) -> None:
        """Ends the file; not called where the stream breaks off before."""


_KINDS = {
    **dict.fromkeys((b"0", b"\0", b"7"), Kind.FILE),
    b"1": Kind.HARD_LINK,
    b"2": Kind.SYMLINK,
    b"5": Kind.FOLDER,
    b"S": Kind.SPARSE,
}
_WITHOUT_DATA = frozenset((b"1", b"2", b"3", b"4", b"5", b"6"))
_PAX, _LONG_NAME, _LONG_LINK = b"x", b"L", b"K"
_EXTENDED = frozenset((_PAX, _LONG_NAME, _LONG_LINK))
_PAX_GLOBAL = b"g"


class TarReader:
    """Reads one tar as it comes in.

    Args:
        on_entry: called for each entry in turn; what it returns takes the data of a file, None skips them.
    """

    def __init__(self, on_entry: Callable[[Entry], Sink | None]) -> None:
        self.headers = 0
        """How many headers were read, those that extend others among them."""
        self._on_entry = on_entry
        self._extensions: dict[bytes, bytes] = {}
        self._is_over = False
        self._block = _Collected()
        self._expect_header()

    def feed(self, data: bytes) -> None:
        """Reads the next bytes.

        Raises:
            LayerError: they are no tar's, or an extended header is too long.
        """
        at = 0
        while at < len(data) and not self._is_over:
            step = min(self._left, len(data) - at)
            self._left -= step
            if self._sink is not None:
                self._sink.feed(data[at : at + step])
            at += step
            if not self._left:
                self._then()

    def finish(self) -> None:
        """Ends the stream; the two blocks of zeros at its end may be missing.

        Raises:
            LayerError: it breaks off before.
        """
        is_between = self._sink is self._block and not self._block.data
        if not (self._is_over or is_between or self._then == self._expect_header):
            raise LayerError("breaks off in the middle of a file")

    def _expect(self, length: int, sink: Sink | None, then: Callable[[], None]) -> None:
        self._left, self._sink, self._then = length, sink, then
        if not length:
            then()

    def _expect_header(self) -> None:
        self._expect(BLOCK, self._block, self._read_header)

    def _expect_data(self, size: int, sink: Sink | None, then: Callable[[], None] | None = None) -> None:
        """The data of an entry, then what fills up its last block."""

        def fill() -> None:
            if then is not None:
                then()
            self._expect(-size % BLOCK, None, self._expect_header)

        self._expect(size, sink, fill)

    def _read_header(self) -> None:
        block = self._block.take()
        if not block.strip(b"\0"):
            self._is_over = True
            return
        _check_sum(block)
        self.headers += 1
        kind, size = block[156:157], _number(block[124:136])
        if kind in _EXTENDED:
            self._expect_extension(kind, size)
        elif kind == _PAX_GLOBAL:
            self._expect_data(size, None)
        elif kind == b"S" and block[_SPARSE_GOES_ON]:
            self._expect_sparse_map(block, size)
        else:
            self._begin_entry(block, kind, size)

    def _expect_extension(self, kind: bytes, size: int) -> None:
        if size > MOST_EXTENDED:
            raise LayerError(f"has an extended header of {size} bytes, and {MOST_EXTENDED} are the most")
        collected = _Collected()

        def keep() -> None:
            if kind == _PAX:
                self._extensions |= _pax_records(collected.take())
            else:
                self._extensions[kind] = _until_nul(collected.take())

        self._expect_data(size, collected, keep)

    def _expect_sparse_map(self, header: bytes, size: int) -> None:
        def go_on() -> None:
            if self._block.take()[_SPARSE_MAP_GOES_ON]:
                self.headers += 1
                self._expect(BLOCK, self._block, go_on)
            else:
                self._begin_entry(header, b"S", size)

        self._expect(BLOCK, self._block, go_on)

    def _begin_entry(self, block: bytes, type_flag: bytes, size: int) -> None:
        said, self._extensions = self._extensions, {}
        name = said.get(_LONG_NAME) or said.get(b"GNU.sparse.name") or said.get(b"path") or _name(block)
        kind = _KINDS.get(type_flag, Kind.OTHER)
        if type_flag == b"\0" and name.endswith(b"/"):
            kind = Kind.FOLDER  # as tars were before ustar
        elif kind is Kind.FILE and said.keys() & _SPARSE_RECORDS:
            kind = Kind.SPARSE
        if type_flag in _WITHOUT_DATA or kind is Kind.FOLDER:
            size = 0
        elif told := said.get(b"size"):
            size = _decimal(told)
        link = said.get(_LONG_LINK) or said.get(b"linkpath") or _until_nul(block[157:257])
        sink = self._on_entry(Entry(name, kind, _number(block[100:108]), link))
        if kind is not Kind.FILE:
            sink = None
        self._expect_data(size, sink, sink.close if sink is not None else None)


class _Collected:
    """Keeps what it is fed; only ever as much as a header may have."""

    def __init__(self) -> None:
        self.data = bytearray()

    def feed(self, data: bytes) -> None:
        self.data += data

    def close(self) -> None:
        """Nothing ends with it."""

    def take(self) -> bytes:
        taken = bytes(self.data)
        self.data.clear()
        return taken


_SPARSE_RECORDS = frozenset((b"GNU.sparse.name", b"GNU.sparse.major", b"GNU.sparse.map"))
_WANTED_RECORDS = _SPARSE_RECORDS | {b"path", b"linkpath", b"size"}


def _pax_records(data: bytes) -> dict[bytes, bytes]:
    """The records of a pax header that matter here; an empty one takes back what was said before.

    Each is `LENGTH KEY=VALUE` and a newline, with the length of all of it in decimal (POSIX, pax).
    """
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + _DIGITS)
        length = _decimal(data[at:space]) if space > at else 0
        end = at + length
        if space >= end or data[end - 1 : end] != b"\n":
            raise LayerError("has a pax header that cannot be read")
        key, _, value = data[space + 1 : end - 1].partition(b"=")
        if key in _WANTED_RECORDS:
            if b"\0" in value:
                raise LayerError("has a pax header that cannot be read")
            found[key] = value
        at = end
    return found


def _check_sum(block: bytes) -> None:
    """Compares the sum of a header's bytes, its own field counted as spaces, with what it says.

    The lower half of Adler-32 is that sum plus one, modulo 65521 (RFC 1950, section 8.2); it is many times
    faster than adding bytes here. Some programs of old added them as signed numbers.
    """
    said = _number(block[148:156])
    others = block[:148] + b" " * 8 + block[156:]
    total = (zlib.adler32(others) & 0xFFFF) - 1
    if (said - total) % _ADLER and said != sum(byte - 256 * (byte >> 7) for byte in others):
        raise LayerError("is not a tar, or is damaged")


def _name(block: bytes) -> bytes:
    name = _until_nul(block[:100])
    prefix = _until_nul(block[345:500]) if block[257:263] == _POSIX else b""
    return prefix + b"/" + name if prefix else name


def _number(field: bytes) -> int:
    """An octal number, or one in base 256 where the highest bit is set (GNU)."""
    if field[0] & 0x80:
        value = int.from_bytes(field) - (1 << (8 * len(field) - 1))
        if value > MOST_SIZE:  # a negative one is one of these, too
            raise LayerError("has a number out of bounds")
        return value
    text = field.replace(b"\0", b" ").strip(b" ")
    if text.translate(None, b"01234567"):
        raise LayerError("is not a tar, or is damaged")
    return int(text or b"0", 8)


def _decimal(text: bytes) -> int:
    if not text.isdigit() or len(text) > _DIGITS or int(text) > MOST_SIZE:
        raise LayerError("has a pax header that cannot be read")
    return int(text)


def _until_nul(field: bytes) -> bytes:
    return field.partition(b"\0")[0]
