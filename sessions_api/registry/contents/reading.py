"""Reads what is in an image, layer by layer in the image's order, each as far as its share goes."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from sessions_api.registry.contents.findings import Findings
from sessions_api.registry.contents.layers import LayerReader, Spent
from sessions_api.registry.contents.model import (
    Contents,
    Layer,
    LayerError,
    Limits,
    OpenLayer,
    Progress,
)
from sessions_api.registry.contents.shares import shares
from sessions_api.registry.reasons import RegistryError
from sessions_api.web import words

PORTION = 256 * 1024
"""Bytes, as they are sent, that go to a thread at once: some milliseconds of work."""

_TYPES = (".tar", ".tar.gzip", ".tar+gzip", ".tar.zstd", ".tar+zstd")
"""How media types of layers end (OCI image specification, and Docker's); what else there is, is encrypted."""
_ALL = Limits()


async def read(
    layers: Sequence[Layer],
    open_layer: OpenLayer,
    *,
    limits: Limits = _ALL,
    hints: Sequence[str] = (),
    progress: Callable[[Progress], None] | None = None,
) -> Contents:
    """Reads packages and programs of an image.

    Decompression runs in threads, a portion at a time; nothing is written anywhere.

    Args:
        layers: in the image's order, the lowest first.
        open_layer: how their bytes are had. One is open at a time.
        limits: how much is read; more is left out and said so.
        hints: the command of each layer, from the image's history without what made no layer (`empty_layer`);
            says which of the large ones matter.
        progress: called after every portion.

    Raises:
        Exception: whatever `open_layer` raises but `RegistryError`, which leaves a layer out.
    """
    return await _Reading(layers, open_layer, limits, hints, progress).run()


class _Reading:
    def __init__(
        self,
        layers: Sequence[Layer],
        open_layer: OpenLayer,
        limits: Limits,
        hints: Sequence[str],
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._layers = layers
        self._open_layer = open_layer
        self._limits = limits
        self._progress = progress
        self._shares = shares(layers, hints, limits)
        self._findings = Findings(limits)
        self._spent = Spent()
        self._bytes_read = 0
        self._left_out: list[str] = []

    async def run(self) -> Contents:
        for index, layer in enumerate(self._layers):
            share = self._shares[index]
            try:
                await self._read(index, layer, share)
            except LayerError as error:
                self._leave_out(index, f"{error}; what it holds from there on is not known")
            except RegistryError as error:
                self._leave_out(index, f"could not be read: {error.reason.sentence.removesuffix('.')}")
        packages, programs = await asyncio.to_thread(
            lambda: (self._findings.packages(), self._findings.programs())
        )
        return Contents(
            packages=packages,
            programs=programs,
            is_complete=not self._left_out,
            left_out=tuple(self._left_out),
            bytes_read=self._bytes_read,
        )

    async def _read(self, index: int, layer: Layer, share: int) -> None:
        if not layer.media_type.endswith(_TYPES):
            type_ = layer.media_type[:100] if layer.media_type.isprintable() else "unknown"
            self._leave_out(index, f"was not read: nothing here reads layers of type {type_}")
            return
        if share < layer.size:
            self._leave_out(index, self._cut(layer, share))
            if not share:
                return
        reader = LayerReader(index, self._findings, self._limits, self._spent)
        await self._feed(reader, index, layer, share)
        if share >= layer.size:
            await asyncio.to_thread(reader.finish)

    async def _feed(self, reader: LayerReader, index: int, layer: Layer, share: int) -> None:
        portion = bytearray()
        try:
            async with aclosing(self._chunks(layer, share)) as chunks:
                async for chunk in chunks:
                    portion += chunk
                    if len(portion) >= PORTION:
                        await self._work(reader, index, bytes(portion))
                        portion.clear()
        except RegistryError:
            await self._work(reader, index, bytes(portion))
            raise
        await self._work(reader, index, bytes(portion))

    async def _chunks(self, layer: Layer, share: int) -> AsyncGenerator[bytes, None]:
        """As many bytes of a layer as are its share; whether that is all of it is held to what is said."""
        left = share
        async with self._open_layer(layer) as stream:
            async for chunk in stream:
                if len(chunk) > left and share >= layer.size:
                    raise LayerError(f"is longer than the {share} bytes that the image's manifest says")
                yield chunk[:left]
                left -= min(left, len(chunk))
                if not left and share < layer.size:
                    return
        if left:
            raise LayerError(f"ends {left} bytes before the image's manifest says")

    async def _work(self, reader: LayerReader, index: int, portion: bytes) -> None:
        if not portion:
            return
        self._bytes_read += len(portion)
        await asyncio.to_thread(reader.feed, portion)
        if self._progress is not None:
            self._progress(Progress(index + 1, len(self._layers), self._bytes_read, sum(self._shares)))

    def _cut(self, layer: Layer, share: int) -> str:
        size, most = words.size(layer.size), words.size(self._limits.sent)
        read = (
            f"only the first {words.size(share)} of its {size} were read"
            if share
            else f"its {size} were not read"
        )
        return f"is large: {read}, since {most} are the most for an image; attach an SBOM for the rest"

    def _leave_out(self, index: int, what: str) -> None:
        self._left_out.append(f"Layer {index + 1} of {len(self._layers)} {what}.")
