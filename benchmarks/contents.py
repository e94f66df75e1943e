"""What is read of a 1 GiB image to know what is installed in it, against reading it whole."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import random
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from benchmarks.report import Figure
from sessions_api.registry import contents
from sessions_api.registry.contents import Contents, Layer, Limits
from sessions_api.registry.contents.model import MIB
from tests.registry.layers import TAR, Files, dpkg_status, metadata, tar

SHARE = 0.2
"""Of the image's bytes, at most."""
MEMORY = 200.0
"""MiB, at most, beyond what the process had before."""

_CHUNK = 64 * 1024
_WHOLE = Limits(sent=4096 * MIB, unpacked=16 * 1024 * MIB, unpacked_of_layer=16 * 1024 * MIB)
_SITE = "usr/local/lib/python3.12/site-packages"


@dataclass(frozen=True)
class Part:
    """A layer of the image: packages, each with its files, then the rest.

    Attributes:
        command: as the image's history has it.
        packages: Python packages; the data is spread over them.
        debian: packages in the list that this layer writes.
        size: MiB of data that hardly compress, as programs and wheels do after gzip.
    """

    command: str
    size: int
    packages: int = 0
    debian: int = 0


IMAGE = (
    Part("ADD rootfs.tar.xz / # buildkit", 30, debian=90),
    Part("RUN /bin/sh -c apt-get install -y build-essential git # buildkit", 110, debian=420),
    Part("RUN /bin/sh -c pip install jupyterlab # buildkit", 60, packages=120),
    Part("RUN /bin/sh -c pip install torch # buildkit", 590, packages=60),
    Part("COPY start.sh /usr/local/bin/ # buildkit", 0),
    Part("COPY data /data # buildkit", 230),
    Part("RUN /bin/sh -c pip install streamlit # buildkit", 4, packages=25),
)


def measure(folder: Path) -> list[Figure]:
    """Reads an image with small and large layers, as much as is read by default and then all of it."""
    layers = [_write(folder, number, part) for number, part in enumerate(IMAGE)]
    size = sum(layer.size for layer in layers)
    there = sum(part.packages for part in IMAGE) + IMAGE[1].debian
    found, seconds, memory = _in_a_process(folder, layers, Limits())
    everything, whole_seconds, _ = _in_a_process(folder, layers, _WHOLE)
    assert len(everything.packages) == there
    return [
        Figure("size of the image", size / MIB, "MiB"),
        Figure("bytes read, as a share of the image", found.bytes_read / size, "", SHARE),
        Figure("most memory beyond what was there before", memory / MIB, "MiB", MEMORY),
        Figure("packages found of those there", 100 * len(found.packages) / there, "%"),
        Figure("time, without what a network takes", seconds, "s"),
        Figure("the same for the whole image", whole_seconds, "s"),
    ]


def _in_a_process(folder: Path, layers: list[Layer], limits: Limits) -> tuple[Contents, float, int]:
    """What is found, in how many seconds and bytes of memory, in a process that did nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_read, folder, layers, limits).result()


def _read(folder: Path, layers: list[Layer], limits: Limits) -> tuple[Contents, float, int]:
    @asynccontextmanager
    async def open_layer(layer: Layer) -> AsyncIterator[AsyncIterator[bytes]]:
        yield _chunks(folder / layer.digest)

    hints = [part.command for part in IMAGE]
    before, began = _most_resident(), perf_counter()
    found = asyncio.run(contents.read(layers, open_layer, limits=limits, hints=hints))
    return found, perf_counter() - began, _most_resident() - before


def _most_resident() -> int:
    """The most memory that this process ever had, in bytes (proc(5), VmHWM)."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    return int(line.split()[1]) * 1024


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    with file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk


def _write(folder: Path, number: int, part: Part) -> Layer:
    """A layer as a builder would send it; its data is stored, since compressing it would change little."""
    noise = random.Random(number)  # noqa: S311 - the same image every time
    digest = hashlib.sha256()
    path = folder / "layer"
    with path.open("wb") as file:
        for data in _members(part, noise):
            file.write(data)
            digest.update(data)
    name = f"sha256:{digest.hexdigest()}"
    path.rename(folder / name)
    return Layer(name, (folder / name).stat().st_size, f"{TAR}+gzip")


def _members(part: Part, noise: random.Random) -> Iterator[bytes]:
    """The layer in gzip members, in the order of names, as builders write them."""
    small: Callable[[Files], bytes] = lambda files: gzip.compress(_open_ended(tar(files)), 6, mtime=0)  # noqa: E731
    pieces = max(part.packages, 1)
    size = part.size * MIB // pieces
    for number in range(pieces):
        if part.packages:
            name = f"p{part.size}-{number:04d}"
            yield small({f"{_SITE}/{name}-1.0.dist-info/METADATA": metadata(name, "1.0") + "text " * 500})
        for piece in range(0, size, 16 * MIB):
            data = noise.randbytes(min(16 * MIB, size - piece))
            yield gzip.compress(_open_ended(tar({f"data/{number}/{piece}": data})), 0, mtime=0)
    if part.debian:
        status = dpkg_status(", ".join(f"deb{number} 1.{number}" for number in range(part.debian)))
        yield small({"var/lib/dpkg/status": status})
    yield gzip.compress(bytes(1024), mtime=0)


def _open_ended(archive: bytes) -> bytes:
    """A tar without the zeros that end it, so that another may follow."""
    return archive[: -(-len(archive.rstrip(b"\0")) // 512) * 512]
