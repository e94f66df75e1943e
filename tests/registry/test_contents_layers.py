"""Layers build upon each other, may be compressed in several ways, and may break off."""

from __future__ import annotations

import gzip

import pytest

from sessions_api.registry import contents
from sessions_api.registry.contents import Limits, Progress
from tests.registry.layers import (
    TAR,
    Files,
    Folder,
    Link,
    Program,
    Registry,
    dpkg_status,
    gzipped,
    installed,
    metadata,
    read,
    read_blobs,
    tar,
    zstandard,
)

SITE = "usr/lib/python3.12/site-packages"
A = {f"{SITE}/a-1.dist-info/METADATA": metadata("a", "1")}
A2 = {f"{SITE}/a-2.dist-info/METADATA": metadata("a", "2")}
B = {f"{SITE}/b-1.dist-info/METADATA": metadata("b", "1")}
DEBIAN = {"var/lib/dpkg/status": dpkg_status("a 1, b 1")}


@pytest.mark.parametrize(
    ("layers", "packages"),
    [
        ([A, {f"{SITE}/.wh.a-1.dist-info": "", **A2}], ["python a 2"]),
        ([A, {**A2, f"{SITE}/.wh.a-1.dist-info": ""}], ["python a 2"]),
        ([DEBIAN, {"var/lib/dpkg/status": dpkg_status("a 1, b 2")}], ["debian a 1", "debian b 2"]),
        ([DEBIAN, {"var/lib/dpkg/.wh.status": ""}], []),
        ([A | B, {f"{SITE}/a-1.dist-info/.wh.METADATA": ""}], ["python b 1"]),
        ([A, {f"{SITE}/.wh..wh..opq": "", **B}], ["python b 1"]),
        ([A, {**B, f"{SITE}/.wh..wh..opq": ""}], ["python b 1"]),
        ([A, {"usr/.wh.lib": ""}, B], ["python b 1"]),
        ([A, {".wh..wh..opq": ""}], []),
        ([A | DEBIAN, {"/./usr/.wh.lib": ""}], ["debian a 1", "debian b 1"]),
        ([A, {SITE: Link("/elsewhere")}], []),
        ([A, {SITE: Folder()}], ["python a 1"]),
        ([A, {f"{SITE}/a-1.dist-info/METADATA": Folder()}], []),
        ([A, {f"{SITE}/a-1.dist-info/METADATA/x": ""}], ["python a 1"]),
        ([{SITE: "a file"}, A], ["python a 1"]),
        ([A | {f"{SITE}/.wh.a-1.dist-info": ""}], ["python a 1"]),
        ([A | {f"{SITE}/.wh..wh..opq": ""}], ["python a 1"]),
        ([A, {f"{SITE}/.wh.a-1.dist-info": ""}, A], ["python a 1"]),
        ([A, {f"{SITE}/.wh.a-1.dist-info": "", f"{SITE}/.wh..wh..opq": "", **A}], ["python a 1"]),
        ([A, {".wh..wh.plnk/usr/lib": "", ".wh..wh.aufs": "", f"{SITE}/.wh.": ""}], ["python a 1"]),
        (
            [A, {f"{SITE}/.wh...": "", ".wh.usr/.wh.lib": "", f"{SITE}/../.wh.site-packages": ""}],
            ["python a 1"],
        ),
    ],
)
async def test_a_layer_replaces_and_removes_what_is_below(layers: list[Files], packages: list[str]) -> None:
    found = await read(*layers)

    assert installed(found) == packages
    assert found.is_complete


async def test_programs_that_a_layer_removes_are_gone() -> None:
    found = await read(
        {"usr/bin/git": Program(), "usr/bin/sh": Program()},
        {"usr/bin/.wh.git": "", "usr/bin/sh": "no program"},
    )

    assert found.programs == {}


@pytest.mark.parametrize(
    "blob",
    [
        tar(A),
        gzipped(tar(A)),
        zstandard(tar(A)),
        gzipped(tar(A)[:700]) + gzipped(tar(A)[700:]),
        gzip.compress(b"").join([gzipped(tar(A)[:512]), gzipped(tar(A)[512:])]),
        gzipped(tar(A)) + bytes(1024),
        zstandard(tar(A)[:700]) + zstandard(tar(A)[700:]),
        b"\x50\x2a\x4d\x18\x03\0\0\0abc" + zstandard(tar(A)) + b"\x5f\x2a\x4d\x18\0\0\0\0",
    ],
    ids=["plain", "gzip", "zstd", "members", "empty member", "padded", "frames", "skippable frames"],
)
@pytest.mark.parametrize("chunk", [1, 7, 1_000_000])
async def test_layers_are_read_however_they_are_compressed_and_cut(blob: bytes, chunk: int) -> None:
    registry = Registry(chunk=chunk)

    found = await contents.read([registry.push(blob)], registry.open)

    assert installed(found) == ["python a 1"]
    assert found.is_complete
    assert found.bytes_read == len(blob)


@pytest.mark.parametrize(
    "media_type",
    [
        f"{TAR}",
        f"{TAR}+gzip",
        f"{TAR}+zstd",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.diff.tar",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    ],
)
async def test_layers_are_read_by_what_they_are_not_what_they_are_called(media_type: str) -> None:
    registry = Registry()

    found = await contents.read([registry.push(zstandard(tar(A)), media_type=media_type)], registry.open)

    assert installed(found) == ["python a 1"]


async def test_a_layer_of_another_type_is_left_out_without_asking_for_it() -> None:
    registry = Registry()
    layers = [registry.push(b"?", media_type=f"{TAR}+gzip+encrypted"), registry.push(gzipped(tar(A)))]

    found = await contents.read(layers, registry.open)

    assert installed(found) == ["python a 1"]
    assert found.left_out == (
        f"Layer 1 of 2 was not read: nothing here reads layers of type {TAR}+gzip+encrypted.",
    )
    assert registry.opened == [layers[1].digest]


async def test_a_layer_that_breaks_off_keeps_what_was_read() -> None:
    registry = Registry(chunk=512)
    layers = [registry.push(tar(A | B)), registry.push(gzipped(tar(A2)))]
    registry.breaks_at[layers[0].digest] = 1536

    found = await contents.read(layers, registry.open)

    assert installed(found) == ["python a 1", "python a 2"]
    assert not found.is_complete
    assert found.left_out == ("Layer 1 of 2 could not be read: registry.example breaks off.",)


@pytest.mark.parametrize(
    ("blob", "sentence"),
    [
        (b"no tar at all" * 100, "is not a tar, or is damaged"),
        (gzipped(b"no tar at all" * 100), "is not a tar, or is damaged"),
        (gzipped(tar(B))[:-20], "breaks off in the middle of its compressed data"),
        (zstandard(tar(B))[:-4], "breaks off in the middle of its compressed data"),
        (gzipped(tar(B)[:550]), "breaks off in the middle of a file"),
        (tar(B)[:100], "breaks off in the middle of a file"),
        (b"\x1f\x8b" + b"x" * 100, "is compressed in a way that cannot be read, or is damaged"),
        (gzipped(tar(B)) + b"rest", "is compressed in a way that cannot be read, or is damaged"),
    ],
)
async def test_a_damaged_layer_is_said(blob: bytes, sentence: str) -> None:
    found = await read_blobs(gzipped(tar(A)), blob)

    assert "python a 1" in installed(found)
    assert found.left_out == (f"Layer 2 of 2 {sentence}; what it holds from there on is not known.",)


async def test_a_list_that_breaks_off_does_not_replace_the_one_before() -> None:
    longer = tar({"var/lib/dpkg/status": dpkg_status(", ".join(f"p{n} 1" for n in range(100)))})

    found = await read_blobs(gzipped(tar(DEBIAN)), longer[:3000])

    assert installed(found) == ["debian a 1", "debian b 1"]
    assert not found.is_complete


@pytest.mark.parametrize(("more", "word"), [(-1, "is longer than the"), (1, "ends 1 bytes before")])
async def test_a_layer_of_another_length_than_its_manifest_says_is_said(more: int, word: str) -> None:
    registry = Registry()
    blob = gzipped(tar(A))

    found = await contents.read([registry.push(blob, size=len(blob) + more)], registry.open)

    assert not found.is_complete
    assert word in found.left_out[0]


async def test_an_error_that_is_no_answer_of_a_registry_goes_on_to_the_caller() -> None:
    registry = Registry()
    layer = registry.push(b"")
    registry.blobs.clear()

    with pytest.raises(KeyError):
        await contents.read([layer], registry.open)


async def test_an_image_without_layers_is_empty() -> None:
    found = await read_blobs()

    assert (found.packages, found.programs, found.is_complete, found.bytes_read) == ((), {}, True, 0)


async def test_progress_is_told() -> None:
    told: list[Progress] = []
    blobs = [gzipped(tar(A)), tar({"data": bytes(600_000)})]

    found = await read_blobs(*blobs, progress=told, limits=Limits(sent=400_000))

    assert [one.layer for one in told] == [1, 2, 2]
    assert {(one.layers, one.bytes_planned) for one in told} == {(2, 400_000)}
    assert [one.bytes_read for one in told] == sorted(one.bytes_read for one in told)
    assert told[-1].bytes_read == found.bytes_read == 400_000
