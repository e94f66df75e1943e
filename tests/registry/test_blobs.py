"""Layers and attached contents, whole and in parts."""

import asyncio

import pytest

from sessions_api.registry.client import Registry, RegistryError
from tests.registry.conftest import AMD64, Open
from tests.registry_images import Fault, digest_of
from tests.registry_server import RegistryServer

LAYER = bytes(range(256)) * 1024
"""256 KiB."""
DIGEST = digest_of(LAYER)


async def _content(registry: Registry, start: int = 0, end: int | None = None) -> bytes:
    async with registry.blob(DIGEST, len(LAYER), start=start, end=end) as pieces:
        return b"".join([piece async for piece in pieces])


async def _refused(registry: Registry, start: int = 0, end: int | None = None) -> RegistryError:
    with pytest.raises(RegistryError) as refused:
        await _content(registry, start, end)
    return refused.value


async def test_a_layer_comes_whole(server: RegistryServer, registry: Open) -> None:
    server.push("a/b", "1", layers=[LAYER])

    assert await _content(registry()) == LAYER


async def test_a_layer_comes_from_where_the_registry_keeps_it(
    server: RegistryServer, other: RegistryServer, registry: Open
) -> None:
    server.push("a/b", "1", layers=[LAYER])
    server.storage = other
    server.break_with("a/b", "redirect")

    assert await _content(registry()) == LAYER
    assert server.sent == 0
    assert other.sent == len(LAYER)


@pytest.mark.parametrize(("start", "end"), [(0, 10), (100, 200), (len(LAYER) - 1, None), (1, None)])
async def test_a_part_of_a_layer_is_all_that_is_sent(
    server: RegistryServer, registry: Open, start: int, end: int | None
) -> None:
    server.push("a/b", "1", layers=[LAYER])

    part = await _content(registry(), start, end)

    assert part == LAYER[start:end]
    assert server.sent == len(part)


async def test_the_beginning_can_be_had_where_there_are_no_parts(
    server: RegistryServer, registry: Open
) -> None:
    server.push("a/b", "1", layers=[LAYER])
    server.break_with("a/b", "no_ranges")

    assert await _content(registry(), 0, 1000) == LAYER[:1000]


async def test_another_part_cannot_be_had_where_there_are_none(
    server: RegistryServer, registry: Open
) -> None:
    server.push("a/b", "1", layers=[LAYER])
    server.break_with("a/b", "no_ranges")

    refused = await _refused(registry(), 1000, 2000)

    assert refused.reason.code == "registry_broken"
    assert "does not hand out parts" in refused.reason.sentence


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bytes(len(LAYER)), "manifest_broken"),
        (LAYER[:-1], "manifest_broken"),
        (LAYER + b"x", "manifest_broken"),
        (LAYER * 2, "manifest_broken"),
    ],
    ids=["other", "shorter", "longer", "twice"],
)
async def test_a_layer_that_is_not_what_its_digest_says_is_refused_at_its_end(
    server: RegistryServer, registry: Open, content: bytes, code: str
) -> None:
    server.push("a/b", "1", layers=[LAYER])
    server.repository("a/b").blobs[DIGEST] = content

    refused = await _refused(registry())

    assert refused.reason.code == code


async def test_a_small_blob_with_more_behind_it_is_refused(server: RegistryServer, registry: Open) -> None:
    server.push("a/b", "1", layers=[b"small"])
    server.repository("a/b").blobs[digest_of(b"small")] = b"small, and more"

    with pytest.raises(RegistryError) as refused:
        async with registry().blob(digest_of(b"small"), 5) as pieces:
            assert [piece async for piece in pieces] == [b"small"]

    assert refused.value.reason.code == "manifest_broken"


async def test_another_part_than_was_asked_for_is_refused(server: RegistryServer, registry: Open) -> None:
    server.push("a/b", "1", layers=[LAYER])
    server.break_with("a/b", "other_part")

    refused = await _refused(registry(), 100, 200)

    assert refused.reason.code == "registry_broken"
    assert "sends another part" in refused.reason.sentence


async def test_reading_may_stop_anywhere(server: RegistryServer, registry: Open) -> None:
    server.push("a/b", "1", layers=[LAYER])
    server.break_with("a/b", "stall")

    async with registry().blob(DIGEST, len(LAYER)) as pieces:
        first = await anext(aiter(pieces))

    assert first == LAYER[: len(first)]


@pytest.mark.parametrize(("fault", "code"), [("cut", "registry_broken"), ("trouble", "registry_broken")])
async def test_a_layer_that_breaks_off_is_a_sentence(
    server: RegistryServer, registry: Open, fault: Fault, code: str
) -> None:
    server.push("a/b", "1", layers=[LAYER])
    server.break_with("a/b", fault)

    assert (await _refused(registry())).reason.code == code


async def test_a_missing_layer_is_named(registry: Open, server: RegistryServer) -> None:
    server.push("a/b", "1")

    refused = await _refused(registry())

    assert refused.reason.code == "image_not_found"
    assert DIGEST[:19] in refused.reason.sentence


async def test_layers_are_read_at_the_same_time(server: RegistryServer, registry: Open) -> None:
    server.push("a/b", "1", layers=[LAYER])
    server.protect("a/b")
    opened = registry()

    contents = await asyncio.gather(*(_content(opened) for _ in range(8)))

    assert contents == [LAYER] * 8
    assert server.count("GET", "/token") == 1


@pytest.mark.parametrize("has_api", [True, False])
async def test_an_attached_sbom_is_found_and_read(
    server: RegistryServer, registry: Open, *, has_api: bool
) -> None:
    server.has_referrers = has_api
    digest = server.push("a/b", "1")
    server.attach("a/b", digest, "application/spdx+json", b'{"spdxVersion": "SPDX-2.3"}')
    opened = registry()

    [found] = await opened.referrers(digest)
    artifact = await opened.artifact(found)

    assert (found.artifact_type, artifact.artifact_type) == ("application/spdx+json",) * 2
    [layer] = artifact.layers
    async with opened.blob(layer.digest, layer.size) as pieces:
        assert [piece async for piece in pieces] == [b'{"spdxVersion": "SPDX-2.3"}']


async def test_all_pages_of_what_is_attached_are_read(server: RegistryServer, registry: Open) -> None:
    digest, server.page = server.push("a/b", "1"), 2
    for number in range(5):
        server.attach("a/b", digest, f"application/x-{number}", b"x")

    found = await registry().referrers(digest)

    assert [one.artifact_type for one in found] == [f"application/x-{number}" for number in range(5)]


@pytest.mark.parametrize("has_api", [True, False])
async def test_nothing_attached_is_no_error(server: RegistryServer, registry: Open, *, has_api: bool) -> None:
    server.has_referrers = has_api
    digest = server.push("a/b", "1")

    assert await registry().referrers(digest) == ()


async def test_an_attested_image_leads_to_its_attestation(server: RegistryServer, registry: Open) -> None:
    digest = server.push("a/b")
    statement = server.push("a/b", layers=[(b"{}", "application/vnd.in-toto+json")])
    listed = server.entry("a/b", statement, "unknown/unknown")
    entry = listed | {"annotations": {"vnd.docker.reference.digest": digest}}
    server.push_index("a/b", "1", [(digest, "linux/amd64")], more=[entry])
    opened = registry()

    image = await opened.resolve([AMD64])
    artifact = await opened.artifact(image.attached[0])

    assert [layer.media_type for layer in artifact.layers] == ["application/vnd.in-toto+json"]
