"""Files of fields: lists of Debian and Alpine packages, METADATA of Python ones, DESCRIPTION of R ones.

All are `Name: value` by line, in stanzas with an empty line between them (deb822; core metadata of Python;
Debian Control File format, as R has it; apk's `P:` and `V:`).
"""

from collections.abc import Collection, Mapping

MOST_OF_LINE = 256
"""Bytes that are kept of a line; what names a package and its version is shorter."""


class FieldReader:
    """Collects the stanzas of a file that comes in pieces.

    Args:
        wanted: names of fields, as they are spelled; others are not kept, nor are lines that go on from one.
        most_bytes: of the file that are read.
        most_stanzas: of the file that are read.
    """

    def __init__(self, wanted: Collection[bytes], *, most_bytes: int, most_stanzas: int) -> None:
        self.stanzas: list[Mapping[bytes, bytes]] = []
        self.is_cut = False
        """Whether there was more than is read."""
        self._wanted = frozenset(wanted)
        self._bytes = most_bytes
        self._most_stanzas = most_stanzas
        self._line = b""
        self._stanza: dict[bytes, bytes] = {}

    def feed(self, data: bytes) -> None:
        """Reads the next bytes."""
        if self.is_cut:
            return
        self.is_cut = len(data) > self._bytes
        data = data[: self._bytes]
        self._bytes -= len(data)
        lines = (self._line + data).split(b"\n")
        self._line = lines.pop()[:MOST_OF_LINE]
        for line in lines:
            self._read(line)

    def close(self) -> None:
        """Ends the file."""
        self._read(self._line)
        self._read(b"")

    def _read(self, line: bytes) -> None:
        if len(self.stanzas) == self._most_stanzas:
            self.is_cut = True
        elif line.strip(b"\r"):
            name, colon, value = line[:MOST_OF_LINE].partition(b":")
            if colon and name in self._wanted:
                self._stanza.setdefault(name, value.strip())
        elif self._stanza:
            self.stanzas.append(self._stanza)
            self._stanza = {}
