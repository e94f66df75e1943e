"""SBOMs that whoever built an image attached to it, read where its layers do not tell everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from sessions_api.registry.client import Descriptor, Image, Registry, RegistryError
from sessions_api.registry.contents import Package
from sessions_api.registry.contents.sboms import MOST_BYTES, SbomError, read_sbom

_SBOMS = frozenset({"application/spdx+json", "application/vnd.cyclonedx+json"})
"""Media types that SPDX and CycloneDX registered, as `artifactType` or of the one layer."""
_STATEMENT = "application/vnd.in-toto+json"
_PREDICATE = "in-toto.io/predicate-type"
_PREDICATES = ("https://spdx.dev/Document", "https://cyclonedx.org/bom")
"""What BuildKit's attestations say they are (docs/attestations/attestation-storage.md of moby/buildkit)."""
_MOST = 4
"""SBOMs that are tried."""


async def packages(registry: Registry, image: Image) -> tuple[Package, ...]:
    """What the first readable SBOM lists; nothing where there is none."""
    tried = 0
    try:
        async for descriptor in _candidates(registry, image):
            if tried == _MOST:
                break
            tried += 1
            try:
                return await asyncio.to_thread(read_sbom, await _content(registry, descriptor))
            except SbomError:
                continue
    except RegistryError:
        pass
    return ()


async def _candidates(registry: Registry, image: Image) -> AsyncIterator[Descriptor]:
    attached = (
        *image.attached,
        *(each for each in await registry.referrers(image.manifest) if _may_be(each)),
    )
    for each in attached:
        for part in (await registry.artifact(each)).layers:
            if _is_sbom(part) and part.size <= MOST_BYTES:
                yield part


def _may_be(descriptor: Descriptor) -> bool:
    return descriptor.artifact_type in _SBOMS | {_STATEMENT, ""}


def _is_sbom(part: Descriptor) -> bool:
    said = part.annotations.get(_PREDICATE, "")
    return part.media_type in _SBOMS or (part.media_type == _STATEMENT and said.startswith(_PREDICATES))


async def _content(registry: Registry, part: Descriptor) -> bytes:
    async with registry.blob(part.digest, part.size) as pieces:
        return b"".join([piece async for piece in pieces])
