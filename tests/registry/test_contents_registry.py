"""What is in an image is read from a registry as it hands it out, and as it does not."""

from __future__ import annotations

import random

import pytest

from sessions_api.registry import contents
from sessions_api.registry.client import Image, Registry
from sessions_api.registry.contents import Contents, Layer, Limits
from tests.registry.conftest import AMD64, Open
from tests.registry.layers import gzipped, installed, metadata, tar
from tests.registry_images import Fault
from tests.registry_server import RegistryServer

SITE = "usr/lib/python3/dist-packages"
LOWER = gzipped(tar({f"{SITE}/a-1.dist-info/METADATA": metadata("a", "1")}))
UPPER = gzipped(tar({f"{SITE}/.wh.a-1.dist-info": "", f"{SITE}/b-1.dist-info/METADATA": metadata("b", "1")}))
LARGE = gzipped(
    tar(
        {
            f"{SITE}/c-1.dist-info/METADATA": metadata("c", "1"),
            "data": random.Random(1).randbytes(8_000_000),  # noqa: S311
        }
    )
)


async def _read(registry: Registry, image: Image, limits: Limits | None = None) -> Contents:
    layers = [Layer(one.digest, one.size, one.media_type) for one in image.layers]
    return await contents.read(
        layers, lambda layer: registry.blob(layer.digest, layer.size), limits=limits or Limits()
    )


async def test_an_image_is_read_from_its_registry(server: RegistryServer, registry: Open) -> None:
    server.push("a/b", "1", layers=[LOWER, UPPER])
    asked = registry()

    found = await _read(asked, await asked.resolve([AMD64]))

    assert installed(found) == ["python b 1"]
    assert found.is_complete
    assert found.bytes_read == len(LOWER) + len(UPPER)


async def test_of_a_large_layer_little_more_is_sent_than_is_read(
    server: RegistryServer, registry: Open
) -> None:
    server.push("a/b", "1", layers=[LOWER, LARGE])
    asked = registry()
    image = await asked.resolve([AMD64])

    found = await _read(asked, image, Limits(sent=100_000, small=10_000))

    assert installed(found) == ["python a 1", "python c 1"]
    assert found.bytes_read == 100_000
    assert not found.is_complete


@pytest.mark.parametrize("fault", ["cut", "trouble", "wrong_bytes"])
async def test_what_a_registry_does_not_hand_out_is_left_out(
    server: RegistryServer, registry: Open, fault: Fault
) -> None:
    server.push("a/b", "1", layers=[LOWER])
    asked = registry(seconds=5.0)
    image = await asked.resolve([AMD64])
    server.break_with("a/b", fault)

    found = await _read(asked, image)

    assert not found.is_complete
    (sentence,) = found.left_out
    assert sentence.startswith("Layer 1 of 1 ")
    assert sentence.endswith(".")
