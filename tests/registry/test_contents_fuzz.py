"""Whatever a registry sends as a layer is read or left out, with a sentence and with little memory."""

from __future__ import annotations

import asyncio
import gzip
import tarfile
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_api.registry.contents import Contents
from sessions_api.registry.contents.model import MIB
from tests.registry.layers import (
    Files,
    Folder,
    Link,
    Program,
    dpkg_status,
    gzipped,
    metadata,
    read_blobs,
    tar,
    zstandard,
)

FILES: Files = {
    "usr": Folder(),
    "usr/lib/python3/dist-packages/a-1.dist-info/METADATA": metadata("a", "1"),
    "usr/lib/python3/dist-packages/b-1.dist-info/METADATA": Link("x", hard=True),
    f"opt/{'long/' * 30}site-packages/c-1.dist-info/METADATA": metadata("c", "1"),
    "opt/conda/conda-meta/d-1-0.json": "{}",
    "usr/lib/R/library/e/DESCRIPTION": "Package: e\nVersion: 1\n",
    "usr/bin/git": Program(),
    "usr/bin/sh": Link("dash"),
    "var/lib/dpkg/status": dpkg_status("f 1, g 2"),
    "lib/apk/db/installed": "P:h\nV:1\n\n",
    ".wh.gone": "",
    "etc/.wh..wh..opq": "",
}
TARS = tuple(
    tar(FILES if version != tarfile.USTAR_FORMAT else {"a": "b"}, format=version)
    for version in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT)
)
BLOBS = (*TARS, *map(gzipped, TARS), *map(zstandard, TARS))
MEMORY = 24 * MIB

_ON_ANY_MACHINE = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def _mutated(draw: st.DrawFn, blobs: tuple[bytes, ...]) -> bytes:
    """A real layer with some bytes changed, removed or repeated, perhaps cut off."""
    blob = bytearray(draw(st.sampled_from(blobs)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(blob)))
        length = draw(st.sampled_from((1, 2, 8, 12, 512)))
        change = draw(st.sampled_from(("write", "remove", "repeat", "insert")))
        if change == "write":
            blob[at : at + length] = draw(st.binary(min_size=length, max_size=length))
        elif change == "remove":
            del blob[at : at + length]
        elif change == "repeat":
            blob[at:at] = blob[at : at + length]
        else:
            blob[at:at] = draw(st.binary(max_size=length))
    return bytes(blob[: draw(st.integers(0, len(blob)) | st.just(len(blob)))])


def _with_true_sums(blob: bytes) -> bytes:
    """The same with the checksum of each block as it would be for a header, to get past it."""
    blocks = bytearray(blob)
    for at in range(0, len(blocks) - 511, 512):
        if blocks[at + 257 : at + 262] == b"ustar":
            blocks[at + 148 : at + 156] = b" " * 8
            blocks[at + 148 : at + 156] = b"%06o\0 " % sum(blocks[at : at + 512])
    return bytes(blocks)


@_ON_ANY_MACHINE
@given(st.binary(max_size=2000))
def test_any_bytes(blob: bytes) -> None:
    _read_with_little(blob)


@pytest.mark.slow
@_ON_ANY_MACHINE
@given(
    st.binary(max_size=1000), st.sampled_from((gzip.compress(b""), zstandard(b""), gzip.compress(b"x")[:10]))
)
def test_any_bytes_after_a_true_beginning(blob: bytes, start: bytes) -> None:
    _read_with_little(start + blob)


@pytest.mark.slow
@_ON_ANY_MACHINE
@given(st.binary(max_size=2000).map(gzipped) | st.binary(max_size=2000).map(zstandard))
def test_any_bytes_compressed(blob: bytes) -> None:
    _read_with_little(blob)


@pytest.mark.slow
@_ON_ANY_MACHINE
@given(_mutated(BLOBS))
def test_layers_with_some_bytes_wrong(blob: bytes) -> None:
    _read_with_little(blob)


@pytest.mark.slow
@_ON_ANY_MACHINE
@given(_mutated(TARS).map(_with_true_sums))
def test_tars_with_wrong_headers_that_have_a_true_sum(blob: bytes) -> None:
    _read_with_little(blob)


def _read_with_little(blob: bytes) -> None:
    tracemalloc.start()
    found = asyncio.run(read_blobs(gzipped(TARS[0]), blob))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < MEMORY
    _check(found)


def _check(found: Contents) -> None:
    assert found.is_complete == (not found.left_out)
    assert all(sentence.startswith("Layer 2 of 2 ") and sentence.isprintable() for sentence in found.left_out)
    assert all(sentence.endswith(".") for sentence in found.left_out)
    for package in found.packages:
        assert package.location.startswith("/")
        assert f"{package.name}{package.version}{package.location}".isprintable()
    assert all(path.startswith("/") for path in found.programs.values())
