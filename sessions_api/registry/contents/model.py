"""What goes into reading an image, and what comes out."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal

MIB = 1024 * 1024

Ecosystem = Literal["python", "conda", "r", "debian", "apk"]


@dataclass(frozen=True)
class Layer:
    """A layer as a manifest has it.

    Attributes:
        digest: of the bytes as they are sent.
        size: bytes, as they are sent.
        media_type: a tar, plain or with gzip or zstd, by the names of OCI or Docker.
    """

    digest: str
    size: int
    media_type: str


OpenLayer = Callable[[Layer], AbstractAsyncContextManager[AsyncIterator[bytes]]]
"""Opens a layer: its bytes as they are sent, from the start. Whoever leaves early wants no more of it.

`Registry.blob` is such, given a layer's digest and size. A `RegistryError`, on opening or in between, leaves
out the rest of the layer; any other error ends the reading.
"""


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """One installed package.

    Attributes:
        name: as the package spells it.
        location: absolute path in the image: the folder of Python packages, the conda prefix, the R library,
            or the database of Debian or Alpine packages. Empty where an SBOM does not say.
    """

    ecosystem: Ecosystem
    name: str
    version: str
    location: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read of one image, whatever it says about itself.

    Attributes:
        sent: bytes of all layers as they are sent; a fifth of a 1 GiB image.
        small: bytes, as they are sent, up to which a layer goes before larger ones.
        unpacked_of_layer: bytes of one layer after decompression.
        unpacked: bytes of all layers after decompression.
        ratio: bytes after decompression for each that was sent, after the first 64 MiB of a layer.
        entries: headers of tars in all layers.
        memory: bytes, roughly, of what is found, also where a later layer removes it.
        packages: in one list of packages, and in all; the largest images known have a few thousand.
    """

    sent: int = 200 * MIB
    small: int = 32 * MIB
    unpacked_of_layer: int = 4096 * MIB
    unpacked: int = 6144 * MIB
    ratio: int = 200
    entries: int = 3_000_000
    memory: int = 64 * MIB
    packages: int = 20_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading is.

    Attributes:
        layer: which layer is being read, from 1, in the image's order.
        layers: how many the image has.
        bytes_read: as they were sent.
        bytes_planned: what `bytes_read` will be at the end, at most.
    """

    layer: int
    layers: int
    bytes_read: int
    bytes_planned: int


@dataclass(frozen=True)
class Contents:
    """What was found in an image.

    Attributes:
        packages: by ecosystem, name, version and location.
        programs: absolute path in the image by name, for the names in `programs.NAMES` that are there.
        is_complete: whether everything was read; only then does absence mean something.
        left_out: sentences that say what was not read, and why.
        bytes_read: as they were sent.
    """

    packages: tuple[Package, ...]
    programs: Mapping[str, str]
    is_complete: bool
    left_out: tuple[str, ...]
    bytes_read: int


class LayerError(Exception):
    """A layer cannot be read further; the message goes on from `Layer 2 of 3 `, without a full stop."""
