"""Layers that were made to take memory, time or disk take none of them, and are said to be left out."""

from __future__ import annotations

import gzip
import io
import tarfile
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from backports import zstd

from sessions_api.registry.contents import Limits
from sessions_api.registry.contents.model import MIB
from tests.registry.layers import (
    Link,
    dpkg_status,
    gzipped,
    installed,
    metadata,
    read,
    read_blobs,
    tar,
)

SITE = "usr/lib/python3.12/site-packages"
A = {f"{SITE}/a-1.dist-info/METADATA": metadata("a", "1")}


@contextmanager
def _process_grows_at_most(memory: int) -> Iterator[None]:
    """Fails where this process took more memory, in bytes: what `tracemalloc` counts slowly, Linux knows."""
    Path("/proc/self/clear_refs").write_text("5")
    before = _most_resident()
    yield
    assert _most_resident() - before < memory


def _most_resident() -> int:
    """The most memory since it was last forgotten, in bytes (proc(5), VmHWM)."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    return int(line.split()[1]) * 1024


@contextmanager
def _at_most(memory: int) -> Iterator[None]:
    """Fails where more memory, in bytes, was taken at once by what Python knows of."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < memory
    finally:
        tracemalloc.stop()


def header(
    name: bytes,
    *,
    size: int = 0,
    kind: bytes = b"0",
    mode: bytes = b"0000644",
    magic: bytes = b"ustar\x0000",
    size_field: bytes = b"",
) -> bytes:
    """A header, whatever it says."""
    block = bytearray(512)
    block[: len(name)] = name
    block[100:107] = mode
    block[124:136] = size_field or b"%011o\0" % size
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[257:265] = magic
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def pax(records: bytes) -> bytes:
    """An extended header, whatever its records say."""
    return header(b"x", kind=b"x", size=len(records)) + records.ljust(512, b"\0")


def _zeros(size: int) -> bytes:
    """Gzip of zeros, made without holding them."""
    packer, packed = zlib.compressobj(9, wbits=31), bytearray()
    for _ in range(size // MIB):
        packed += packer.compress(bytes(MIB))
    return bytes(packed + packer.flush())


async def test_a_gzip_bomb_is_left_when_its_ratio_shows() -> None:
    bomb = gzipped(header(b"zeros", size=2**33)[:512]) + _zeros(300 * MIB)

    with _at_most(16 * MIB):
        found = await read_blobs(gzipped(tar(A)), bomb)

    assert installed(found) == ["python a 1"]
    assert found.left_out == (
        "Layer 2 of 2 unpacks to more than 200 times what is sent; what it holds from there on is not known.",
    )


async def test_a_zstd_bomb_is_left_when_its_ratio_shows() -> None:
    packer = zstd.ZstdCompressor()
    bomb = packer.compress(header(b"zeros", size=2**33))
    bomb += b"".join(packer.compress(bytes(MIB)) for _ in range(300)) + packer.flush()

    with _at_most(16 * MIB):
        found = await read_blobs(bomb)

    assert "unpacks to more than 200 times" in found.left_out[0]


async def test_a_file_full_of_zeros_is_no_bomb() -> None:
    found = await read_blobs(gzipped(header(b"zeros", size=60 * MIB)) + _zeros(60 * MIB) + gzipped(tar(A)))

    assert installed(found) == ["python a 1"]
    assert found.is_complete


async def test_no_more_is_unpacked_than_an_image_may_have() -> None:
    blobs = [gzipped(tar({"data": bytes(MIB), **A})), gzipped(tar({"data": bytes(MIB)})), gzipped(tar({}))]

    found = await read_blobs(*blobs, limits=Limits(unpacked=MIB + 20_000, unpacked_of_layer=2 * MIB))

    assert installed(found) == ["python a 1"]
    assert [sentence.partition(" unpacked;")[0] for sentence in found.left_out] == [
        "Layer 2 of 3 was read when 1.1 MB of the image were",
        "Layer 3 of 3 was read when 1.1 MB of the image were",
    ]


async def test_no_more_is_unpacked_of_a_layer_than_it_may_have() -> None:
    found = await read({"data": bytes(3 * MIB)}, A, limits=Limits(unpacked_of_layer=2 * MIB))

    assert installed(found) == ["python a 1"]
    assert found.left_out[0].startswith("Layer 1 of 2 unpacks to more than 2.1 MB;")


async def test_a_frame_that_needs_much_memory_is_refused() -> None:
    """The window is told in a frame's header (RFC 8878, section 3.1.1.1.2): here 2 GiB."""
    frame = b"\x28\xb5\x2f\xfd\x00\xa8" + b"\x01\x00\x00"

    with _at_most(16 * MIB):
        found = await read_blobs(frame)

    assert "compressed in a way that cannot be read" in found.left_out[0]


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (header(b"x", size=2**33 - 1), "breaks off in the middle of a file"),
        (header(b"x", size_field=b"\x80" + (2**60).to_bytes(11)), "breaks off in the middle of a file"),
        (header(b"x", size_field=b"\x80" + (2**63).to_bytes(11)), "has a number out of bounds"),
        (header(b"x", size_field=b"\xff" * 12), "has a number out of bounds"),
        (header(b"x", size_field=b"-0000000001\0"), "is not a tar, or is damaged"),
        (header(b"x", kind=b"x", size=2**30), "has an extended header of 1073741824 bytes"),
        (header(b"x", kind=b"L", size=2**30), "has an extended header of 1073741824 bytes"),
        (header(b"x", kind=b"K", size=MIB + 1), "has an extended header of 1048577 bytes"),
        (header(b"x", kind=b"g", size=2**30), "breaks off in the middle of a file"),
        (pax(b"9 a=b"), "has a pax header that cannot be read"),
        (pax(b"8 path=b"), "has a pax header that cannot be read"),
        (pax(b"10 path=\0\n"), "has a pax header that cannot be read"),
        (pax(b"10 size=-\n") + header(b"y"), "has a pax header"),
        (pax(b"0 path=b\n"), "has a pax header that cannot be read"),
        (header(b"x")[:-1] + b"!", "is not a tar, or is damaged"),
    ],
)
async def test_a_header_that_lies_takes_nothing(start: bytes, sentence: str) -> None:
    with _at_most(16 * MIB):
        found = await read_blobs(tar(A)[:1024] + start + bytes(4096))

    assert installed(found) == ["python a 1"]
    assert sentence in found.left_out[0]


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "usr/lib/python3/dist-packages/../../../x",
        f"{SITE}/x\ny-1.dist-info/METADATA",
        f"{SITE}/x\x1b[2J-1.dist-info/METADATA",
        f"{SITE}/\udcff\udcfe-1.dist-info/METADATA",
        f"../{SITE}/x-1.dist-info/METADATA",
        f"{SITE}/{'x' * 600}.dist-info/METADATA",
        f"{'x/' * 300}site-packages/x.dist-info/METADATA",
        "x" * 100_000,
        "./",
        "/",
        "var/lib/dpkg",
    ],
)
@pytest.mark.parametrize("format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
async def test_names_that_lead_nowhere_or_cannot_be_shown_are_passed_over(name: str, format: int) -> None:  # noqa: A002
    found = await read_blobs(gzipped(tar({name: metadata("x", "1"), **A}, format=format)))

    assert installed(found) == ["python a 1"]
    assert found.is_complete


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../../../etc/passwd", "/var/lib/dpkg/status"])
@pytest.mark.parametrize("hard", [True, False])
async def test_links_out_of_the_image_lead_nowhere(target: str, hard: bool) -> None:  # noqa: FBT001
    links = {
        "var/lib/dpkg/status": Link(target, hard=hard),
        "usr/lib/R/library/x/DESCRIPTION": Link(target, hard=hard),
        "etc": Link(target),
    }

    found = await read(links, A)

    assert installed(found) == ["python a 1"]


async def test_long_names_are_read_in_both_formats() -> None:
    place = f"opt/{'long-' * 40}/lib/python3.12/site-packages"
    files = {f"{place}/a-1.dist-info/METADATA": metadata("a", "1")}
    shorter = f"opt/{'long-' * 20}/lib/python3.12/site-packages"
    unix = tar(
        {f"{shorter}/b.dist-info/METADATA": metadata("b", "1")},
        format=tarfile.USTAR_FORMAT,
    )

    found = await read_blobs(tar(files), tar(files, format=tarfile.GNU_FORMAT), unix)

    assert installed(found) == ["python a 1", "python b 1"]
    assert found.packages[0].location == f"/{place}"


async def test_what_a_pax_header_takes_back_was_not_said() -> None:
    taken_back = pax(b"8 path=\n8 size=\n") + tar(A)[:1024]

    found = await read_blobs(taken_back + bytes(1024))

    assert installed(found) == ["python a 1"]


async def test_sparse_files_are_passed_over_with_their_maps() -> None:
    old = bytearray(header(b"sparse", size=512, kind=b"S", magic=b"ustar  \0"))
    old[482] = 1
    old[148:156] = b" " * 8
    old[148:156] = b"%06o\0 " % sum(old)
    map_one, map_two = bytearray(512), bytes(512)
    map_one[504] = 1
    records = b"22 GNU.sparse.major=1\n22 GNU.sparse.name=ab\n"
    new = pax(records) + header(b"GNUSparseFile.0/ab", size=512) + b"1\n0\n512\n".ljust(512, b"\0")

    found = await read_blobs(bytes(old) + map_one + map_two + b"x" * 512 + new + tar(A))

    assert installed(found) == ["python a 1"]
    assert found.is_complete


async def test_a_list_that_has_no_end_is_cut() -> None:
    status = dpkg_status(", ".join(f"p{n} 1" for n in range(30)))

    found = await read({"var/lib/dpkg/status": status}, A, limits=Limits(packages=20))

    assert len(found.packages) == 21
    assert "has a list of packages that is too long to be read whole" in found.left_out[0]


async def test_a_line_that_has_no_end_is_cut() -> None:
    with _at_most(32 * MIB):
        found = await read(
            {"var/lib/dpkg/status": b"Package: x\nDescription: " + b"x" * 10 * MIB + b"\nVersion: 1\n"},
            {f"{SITE}/x-1.dist-info/METADATA": b"Name: x" + b"x" * 10 * MIB},
        )

    assert installed(found) == ["debian x 1"]


async def test_more_packages_than_are_kept_are_said() -> None:
    many = {f"{SITE}/p{n}-1.dist-info/METADATA": metadata(f"p{n}", "1") for n in range(50)}

    found = await read(many, A, limits=Limits(memory=20_000))

    assert 10 < len(found.packages) < 40
    assert all("more packages than any real image" in sentence for sentence in found.left_out)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("names", "count"),
    [
        (lambda n: f"data/{n % 1000}/{n}", 1_000_000),
        (lambda n: f"data/.wh.{n}", 100_000),
        (lambda n: f"{SITE}/.wh..wh..opq{n % 2 or ''}", 100_000),
        (lambda n: f"{SITE}/p{n}-1.dist-info/METADATA", 200_000),
        (lambda n: f"{'d/' * 20}{n}/bin/git", 200_000),
    ],
    ids=["files", "whiteouts", "opaque whiteouts", "packages", "programs"],
)
async def test_many_entries_are_read_with_memory_that_does_not_grow(
    names: Callable[[int], str], count: int
) -> None:
    blob = _entries(names, count)

    with _process_grows_at_most(100 * MIB):
        found = await read_blobs(gzipped(tar(A)), blob, limits=replace(Limits(), ratio=10_000))

    assert found.is_complete or "more packages than any real image" in found.left_out[0]


@pytest.mark.slow
async def test_no_more_entries_are_read_than_an_image_may_have() -> None:
    found = await read_blobs(_entries(str, 20_000), gzipped(tar(A)), limits=Limits(entries=10_000))

    assert [sentence[13:52] for sentence in found.left_out] == ["was read when the image had 10000 files"] * 2


def _entries(name: Callable[[int], str], count: int) -> bytes:
    """A layer of empty programs, made without holding it."""
    written = io.BytesIO()
    with gzip.GzipFile(fileobj=written, mode="wb", compresslevel=1) as packed:
        for number in range(count):
            packed.write(header(name(number).encode(), mode=b"0000755"))
        packed.write(bytes(1024))
    return written.getvalue()
