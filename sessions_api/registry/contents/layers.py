"""One layer, from the bytes that are sent to what was found in it, within limits."""

from dataclasses import dataclass

from sessions_api.registry.contents.findings import Findings
from sessions_api.registry.contents.model import MIB, LayerError, Limits
from sessions_api.registry.contents.tar import Entry, Sink, TarReader
from sessions_api.registry.contents.unpacking import Unpacker
from sessions_api.web import words

_FREE_OF_RATIO = 64 * MIB
"""Bytes of a layer that may be as compressible as they like: real ones have files full of zeros."""


@dataclass
class Spent:
    """What all layers of an image took together.

    Attributes:
        unpacked: bytes after decompression.
        entries: headers of tars.
    """

    unpacked: int = 0
    entries: int = 0


class LayerReader:
    """Reads one layer as it comes in. All of it is CPU work: call it in a thread."""

    def __init__(self, number: int, findings: Findings, limits: Limits, spent: Spent) -> None:
        self._number = number
        self._findings = findings
        self._limits = limits
        self._spent = spent
        self._sent = 0
        self._unpacked = 0
        self._unpacker = Unpacker()
        self._tar = TarReader(self._begin)

    def feed(self, data: bytes) -> None:
        """Reads the next bytes.

        Raises:
            LayerError: they cannot be read, or are more than is read.
        """
        self._sent += len(data)
        for piece in self._unpacker.unpack(data):
            self._count(len(piece))
            headers = self._tar.headers
            self._tar.feed(piece)
            self._count_headers(self._tar.headers - headers)

    def finish(self) -> None:
        """Ends the layer.

        Raises:
            LayerError: it breaks off.
        """
        self._tar.feed(self._unpacker.finish())
        self._tar.finish()

    def _count(self, unpacked: int) -> None:
        self._unpacked += unpacked
        self._spent.unpacked += unpacked
        if self._unpacked > self._limits.unpacked_of_layer:
            raise LayerError(f"unpacks to more than {words.size(self._limits.unpacked_of_layer)}")
        if self._spent.unpacked > self._limits.unpacked:
            most = words.size(self._limits.unpacked)
            raise LayerError(f"was read when {most} of the image were unpacked")
        if self._unpacked > _FREE_OF_RATIO + self._limits.ratio * self._sent:
            raise LayerError(f"unpacks to more than {self._limits.ratio} times what is sent")

    def _count_headers(self, read: int) -> None:
        self._spent.entries += read
        if self._spent.entries > self._limits.entries:
            raise LayerError(f"was read when the image had {self._limits.entries} files")

    def _begin(self, entry: Entry) -> Sink | None:
        return self._findings.begin(entry, self._number)
