"""Layers as builders make them, in memory, and a registry that sends them."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from backports import zstd

from sessions_api.registry import contents
from sessions_api.registry.contents import Contents, Layer, Limits, Progress
from sessions_api.registry.reasons import refusal

TAR = "application/vnd.oci.image.layer.v1.tar"


@dataclass(frozen=True)
class Link:
    """A link instead of a file."""

    target: str
    hard: bool = False


@dataclass(frozen=True)
class Program:
    """A file that can be run."""


@dataclass(frozen=True)
class Folder:
    """A folder, said for itself."""


Files = Mapping[str, str | bytes | Link | Program | Folder]


def tar(files: Files, *, format: int = tarfile.PAX_FORMAT) -> bytes:  # noqa: A002 - as tarfile names it
    """A tar of files in the order they are given."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=format) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            data = content.encode() if isinstance(content, str) else content
            if isinstance(data, bytes):
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
                continue
            if isinstance(data, Link):
                info.type, info.linkname = (tarfile.LNKTYPE if data.hard else tarfile.SYMTYPE), data.target
            elif isinstance(data, Program):
                info.mode = 0o755
            else:
                info.type = tarfile.DIRTYPE
            archive.addfile(info)
    return written.getvalue()


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=1, mtime=0)


def zstandard(data: bytes) -> bytes:
    return zstd.compress(data)


@dataclass
class Registry:
    """Sends layers.

    Attributes:
        breaks_at: bytes after which a layer's transfer fails, by digest.
        opened: digests in the order in which they were asked for.
        sent: bytes of each.
    """

    chunk: int = 10_000
    breaks_at: dict[str, int] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)

    def push(self, data: bytes, *, media_type: str = f"{TAR}+gzip", size: int | None = None) -> Layer:
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.blobs[digest] = data
        return Layer(digest, len(data) if size is None else size, media_type)

    @asynccontextmanager
    async def open(self, layer: Layer) -> AsyncIterator[AsyncIterator[bytes]]:
        self.opened.append(layer.digest)
        yield self._chunks(layer.digest)

    async def _chunks(self, digest: str) -> AsyncIterator[bytes]:
        data = self.blobs[digest]
        self.sent[digest] = 0
        for at in range(0, len(data), self.chunk):
            if at >= self.breaks_at.get(digest, len(data)):
                raise refusal("registry_broken", "registry.example breaks off.")
            chunk = data[at : at + self.chunk]
            self.sent[digest] += len(chunk)
            yield chunk


async def read(*files: Files, limits: Limits | None = None) -> Contents:
    """What is in an image with layers of these files."""
    return await read_blobs(*(gzipped(tar(each)) for each in files), limits=limits)


async def read_blobs(
    *blobs: bytes, limits: Limits | None = None, progress: list[Progress] | None = None
) -> Contents:
    """What is in an image with layers of these bytes."""
    registry = Registry()
    layers = [registry.push(blob) for blob in blobs]
    return await contents.read(
        layers,
        registry.open,
        limits=limits or Limits(),
        progress=None if progress is None else progress.append,
    )


def installed(found: Contents) -> list[str]:
    """Packages in short: `python numpy 1.0`."""
    return [f"{package.ecosystem} {package.name} {package.version}" for package in found.packages]


def locations(found: Contents) -> set[str]:
    return {package.location for package in found.packages}


def metadata(name: str, version: str) -> str:
    """METADATA of a Python package."""
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: spoof\nVersion: 9\n"


def pairs(text: str) -> Iterator[tuple[str, str]]:
    """`a 1, b 2` as pairs."""
    for one in text.split(", "):
        name, version = one.split()
        yield name, version


def dpkg_status(packages: str, *, state: str = "install ok installed") -> str:
    """A Debian list of packages from `name version, …`."""
    return "".join(
        f"Package: {name}\nStatus: {state}\nMaintainer: x\nVersion: {version}\nDescription:\n Version: 0\n\n"
        for name, version in pairs(packages)
    )
