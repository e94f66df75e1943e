"""Of a large image the part is read that most likely says what is installed, and never more than a bound."""

from __future__ import annotations

import random

import pytest

from sessions_api.registry import contents
from sessions_api.registry.contents import Limits
from tests.registry.layers import Registry, gzipped, installed, metadata, tar

KB = 1000
FEW = Limits(sent=100 * KB, small=10 * KB)
NOISE = random.Random(5)  # noqa: S311 - bytes that do not compress


def _blob(name: str, size: int) -> bytes:
    """A layer with a package at its start and `size` bytes after it."""
    files = {f"usr/lib/python3/dist-packages/{name}.dist-info/METADATA": metadata(name, "1")}
    return gzipped(tar({**files, "usr/lib/x": NOISE.randbytes(size)}))


async def test_small_layers_are_read_whole_before_large_ones_in_part() -> None:
    registry = Registry(chunk=1000)
    layers = [registry.push(_blob(name, size * KB)) for name, size in {"a": 200, "b": 5, "c": 8}.items()]

    found = await contents.read(layers, registry.open, limits=FEW)

    assert installed(found) == ["python a 1", "python b 1", "python c 1"]
    assert found.bytes_read == 100 * KB
    assert registry.sent[layers[1].digest] == layers[1].size
    assert sum(registry.sent.values()) <= 101 * KB
    assert not found.is_complete
    (sentence,) = found.left_out
    assert sentence == (
        "Layer 1 of 3 is large: only the first 86 kB of its 200 kB were read, since 100 kB are the most "
        "for an image; attach an SBOM for the rest."
    )


async def test_what_nothing_is_left_for_is_not_asked_for() -> None:
    registry = Registry(chunk=1000)
    layers = [registry.push(_blob(name, size * KB)) for name, size in {"a": 90, "b": 120, "c": 110}.items()]

    found = await contents.read(layers, registry.open, limits=FEW)

    assert installed(found) == ["python a 1", "python c 1"]
    assert registry.opened == [layers[0].digest, layers[2].digest]
    assert "Layer 2 of 3 is large: its 120 kB were not read" in found.left_out[0]


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("", "", 0),
        ("RUN /bin/sh -c make # buildkit", "RUN /bin/sh -c pip install torch # buildkit", 1),
        ("/bin/sh -c #(nop) COPY dir:1f in /data ", "/bin/sh -c make", 1),
        (
            "COPY data /data # buildkit",
            "RUN |1 A=b /bin/sh -c apt-get update && apt-get install -y r # buildkit",
            1,
        ),
        ("COPY data /data # buildkit", "COPY other /other # buildkit", 0),
        ("RUN make", "ADD rootfs.tar.xz / # buildkit", 1),
        ("RUN make", "/bin/sh -c #(nop) ADD file:1f in / ", 1),
        ("COPY pip /pip", "RUN make", 1),
        ("RUN mamba install -y x", "RUN Rscript -e 'install.packages(\"x\")'", 0),
    ],
)
async def test_large_layers_that_install_go_first(first: str, second: str, whole: int) -> None:
    registry = Registry(chunk=1000)
    layers = [registry.push(_blob(name, size * KB)) for name, size in {"a": 80, "b": 81}.items()]

    await contents.read(layers, registry.open, limits=FEW, hints=[first, second])

    assert [registry.sent[layer.digest] == layer.size for layer in layers] == [whole == 0, whole == 1]


async def test_a_layer_of_apt_that_does_not_come_whole_leaves_its_share_to_others() -> None:
    registry = Registry(chunk=1000)
    layers = [registry.push(_blob(name, size * KB)) for name, size in {"a": 110, "b": 120, "c": 30}.items()]
    hints = ["RUN apt-get install -y x", "RUN pip install x", "RUN pip install y"]

    found = await contents.read(layers, registry.open, limits=FEW, hints=hints)

    assert installed(found) == ["python b 1", "python c 1"]
    assert registry.opened == [layer.digest for layer in layers[1:]]


async def test_a_history_that_does_not_fit_the_layers_is_not_used() -> None:
    registry = Registry(chunk=1000)
    layers = [registry.push(_blob(name, size * KB)) for name, size in {"a": 80, "b": 81}.items()]

    await contents.read(
        layers, registry.open, limits=FEW, hints=["COPY data /data", "RUN pip install x", "CMD x"]
    )

    assert registry.sent[layers[0].digest] == layers[0].size


async def test_an_image_within_the_bound_is_read_whole() -> None:
    registry = Registry()
    layers = [registry.push(_blob(name, 30 * KB)) for name in "abc"]

    found = await contents.read(layers, registry.open, limits=FEW)

    assert found.is_complete
    assert found.bytes_read == sum(layer.size for layer in layers)
