"""Decompression of a layer in bounded pieces: gzip, zstd or none, told by its first bytes as containerd does.

What comes in may be cut anywhere; what comes out is at most `PIECE` bytes at a time, however well it was
compressed.
"""

import zlib
from collections.abc import Callable, Iterator

from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError

from sessions_api.registry.contents.model import LayerError

PIECE = 256 * 1024
"""Bytes."""
WINDOW_LOG = 26
"""Zstd frames that need more than 64 MiB of memory are refused; builders' frames need 32 at most."""

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"
"""Bytes 2 to 4 of a frame without data (RFC 8878, section 3.1.2); layers of zstd:chunked have some."""
_MAGIC_LENGTH = 4


class Unpacker:
    """Decompresses one layer.

    Gzip members and zstd frames may follow one another, as both formats allow and eStargz and zstd:chunked
    make use of; zeros between and after them are padding.
    """

    def __init__(self) -> None:
        self._start: bytes = b""
        self._decompressor: Callable[[], _Gzip | ZstdDecompressor] | None = None
        self._part: _Gzip | ZstdDecompressor | None = None
        self._is_told = False

    def unpack(self, data: bytes) -> Iterator[bytes]:
        """What `data`, the next bytes that were sent, holds.

        Raises:
            LayerError: it is damaged, or needs too much memory.
        """
        if not self._is_told:
            self._start += data
            if len(self._start) < _MAGIC_LENGTH:
                return
            data = self._tell()
        if self._decompressor is None:
            yield from (data[at : at + PIECE] for at in range(0, len(data), PIECE))
            return
        try:
            yield from self._decompress(data, self._decompressor)
        except (zlib.error, ZstdError) as error:
            raise LayerError("is compressed in a way that cannot be read, or is damaged") from error

    def finish(self) -> bytes:
        """What is left when all was sent.

        Raises:
            LayerError: something is missing.
        """
        if self._part is not None:
            raise LayerError("breaks off in the middle of its compressed data")
        return b"" if self._is_told else self._start

    def _tell(self) -> bytes:
        start, self._start, self._is_told = self._start, b"", True
        if start.startswith(_GZIP):
            self._decompressor = _Gzip
        elif start.startswith(_ZSTD) or start[1:_MAGIC_LENGTH] == _ZSTD_SKIPPABLE:
            self._decompressor = _zstd
        return start

    def _decompress(
        self, data: bytes, decompressor: Callable[[], "_Gzip | ZstdDecompressor"]
    ) -> Iterator[bytes]:
        while True:
            if self._part is None:
                data = data.lstrip(b"\0")
                if not data:
                    return
                self._part = decompressor()
            piece = self._part.decompress(data, PIECE)
            if piece:
                yield piece
            data = b""
            if self._part.eof:
                data, self._part = self._part.unused_data, None
            elif self._part.needs_input:
                return


class _Gzip:
    """A gzip member, read like Python's decompressors of other formats, which keep what they did not use."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)
        self.needs_input = True

    def decompress(self, data: bytes, max_length: int) -> bytes:
        piece = self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)
        self.needs_input = len(piece) < max_length and not self._zlib.unconsumed_tail
        return piece

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data


def _zstd() -> ZstdDecompressor:
    return ZstdDecompressor(options={DecompressionParameter.window_log_max: WINDOW_LOG})
