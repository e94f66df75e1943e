"""Manifests and lists of them, read strictly in what is used and tolerantly in the rest.

The formats are those of the OCI image spec 1.1 (manifest.md, image-index.md) and of Docker's image manifest
version 2, schema 2, which differ in their media types only. What a document is, its structure says; the media
types in it and around it must not contradict that, or different readers would see different images in it
(CVE-2021-41190).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from sessions_api.registry.digests import is_digest
from sessions_api.registry.documents import Document, UnreadableError
from sessions_api.registry.platforms import Platform

MOST_BYTES = 4 * 1024 * 1024
"""Of a manifest; registries take no larger ones (OCI distribution spec 1.1, "Pushing Manifests")."""
MOST_CONFIG_BYTES = 4 * 1024 * 1024
MOST_IMAGE_BYTES = 2**53
"""Of all layers: more than any disk has, and a number that JSON and databases keep as it is."""
MOST_LAYERS = 10_000
MOST_ENTRIES = 10_000

_OCI = "application/vnd.oci.image"
_DOCKER = "application/vnd.docker"
INDEX_TYPES = (f"{_OCI}.index.v1+json", f"{_DOCKER}.distribution.manifest.list.v2+json")
MANIFEST_TYPES = (f"{_OCI}.manifest.v1+json", f"{_DOCKER}.distribution.manifest.v2+json")
ACCEPT = ", ".join((*INDEX_TYPES, *MANIFEST_TYPES, "*/*"))
"""Like containerd's: with `*/*`, old and foreign things arrive as they are, and can be named."""

_SCHEMA_1 = (f"{_DOCKER}.distribution.manifest.v1+json", f"{_DOCKER}.distribution.manifest.v1+prettyjws")
_ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json"
_KNOWN = (*INDEX_TYPES, *MANIFEST_TYPES, *_SCHEMA_1, _ARTIFACT)
CONFIG_TYPES = (f"{_OCI}.config.v1+json", f"{_DOCKER}.container.image.v1+json")

_LAYER_TYPES = tuple(f"{_OCI}.layer.v1.tar{packed}" for packed in ("", "+gzip", "+zstd"))
_DOCKER_LAYERS = tuple(f"{_DOCKER}.image.rootfs.diff.tar{packed}" for packed in ("", ".gzip", ".zstd"))
_ELSEWHERE = (f"{_OCI}.layer.nondistributable.v1.", f"{_DOCKER}.image.rootfs.foreign.")
_ENCRYPTED = "+encrypted"

_ATTESTED = "vnd.docker.reference.digest"
"""Annotation of BuildKit's attestations: the digest of the manifest that they are about."""


class UnusableError(Exception):
    """A document is read well, and is not an image that can be run.

    Attributes:
        code: which of `reasons.codes`.
        what: completes a sentence whose subject is the image.
        hint: what to do.
    """

    def __init__(
        self, code: Literal["manifest_too_old", "not_an_image", "image_elsewhere"], what: str, hint: str
    ) -> None:
        super().__init__(f"{code}: {what}")
        self.code = code
        self.what = what
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What is said of a content: its name, size and kind (OCI image spec, descriptor.md).

    Attributes:
        media_type: without parameters, in lower case.
        digest: one that `digests.is_digest` knows.
        size: bytes, as stored; layers are mostly compressed.
        artifact_type: what an attached artifact is; empty of images and layers.
        annotations: by name.
    """

    media_type: str
    digest: str
    size: int
    artifact_type: str
    annotations: Mapping[str, str]

    @classmethod
    def of(cls, document: Document) -> Self:
        """The descriptor that an object is.

        Raises:
            UnreadableError: it is none.
        """
        digest = document.text("digest")
        if not is_digest(digest):
            raise UnreadableError(f"{document.place}.digest is not a digest")
        return cls(
            media_type=bare(document.text("mediaType")),
            digest=digest,
            size=document.number("size"),
            artifact_type=document.text("artifactType"),
            annotations=document.mapping("annotations"),
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """An image in a list of them; `platform` is None where the list does not say what it is built for."""

    manifest: Descriptor
    platform: Platform | None


@dataclass(frozen=True, slots=True)
class Index:
    """A list of images of one name, each for another platform.

    Attributes:
        entries: in the order of the list; without what is no image.
        attached: attestations by the digest of the image that they are about, as BuildKit makes them.
        annotations: by name.
    """

    entries: tuple[Entry, ...]
    attached: Mapping[str, tuple[Descriptor, ...]]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an image or an attached artifact is made of.

    Attributes:
        config: of an image, its settings.
        layers: from the lowest; of an artifact, its contents.
        artifact_type: what an artifact is; empty of images.
        annotations: by name.
    """

    config: Descriptor
    layers: tuple[Descriptor, ...]
    artifact_type: str
    annotations: Mapping[str, str]

    def require_image(self) -> None:
        """Refuses what is no image, or none whose layers can be had.

        Raises:
            UnusableError: with the reason.
            UnreadableError: it is larger than any real one.
        """
        if self.config.media_type not in CONFIG_TYPES:
            raise _artifact(self.artifact_type or self.config.media_type)
        for layer in self.layers:
            _require_layer(layer.media_type)
        if (
            self.config.size > MOST_CONFIG_BYTES
            or sum(layer.size for layer in self.layers) > MOST_IMAGE_BYTES
        ):
            raise UnreadableError("it is larger than any real one")


def read(body: bytes, content_type: str) -> Index | Manifest:
    """What a registry sent as a manifest.

    Args:
        body: at most `MOST_BYTES`; its digest is the caller's to compare.
        content_type: the header with which it came; registries that keep files only do not know it, so what
            is no manifest's type is ignored.

    Raises:
        UnreadableError: it is not as it should be.
        UnusableError: it is in Docker's first format, or an artifact's.
    """
    document = Document.read(body)
    declared = {bare(document.text("mediaType")), _known(content_type)} - {""}
    if declared & set(_SCHEMA_1) or document.values.get("schemaVersion") == 1:
        raise UnusableError(
            "manifest_too_old",
            "is in Docker's first image format (schema 1), which nodes no longer run",
            "Pull it with an old Docker and push it again, or build it anew.",
        )
    if _ARTIFACT in declared:
        raise _artifact(document.text("artifactType") or _ARTIFACT)
    if len(declared) > 1:
        raise UnreadableError(f"it is said to be both {' and '.join(sorted(map(_shown, declared)))}")
    is_list, is_image = document.has("manifests"), document.has("config") or document.has("layers")
    if is_list and is_image:
        raise UnreadableError("it is a list of images and an image at once")
    if not is_list and not is_image:
        raise UnreadableError("it has neither layers nor a list of images")
    wanted = INDEX_TYPES if is_list else MANIFEST_TYPES
    if not declared <= set(wanted):
        raise UnreadableError(f"it is not what its type says: {_shown(next(iter(declared)))}")
    return _index(document) if is_list else _manifest(document)


def bare(media_type: str) -> str:
    """A media type without parameters, in lower case (RFC 9110, 8.3.1)."""
    return media_type.partition(";")[0].strip().lower()


def _known(content_type: str) -> str:
    media_type = bare(content_type)
    return media_type if media_type in _KNOWN else ""


def _index(document: Document) -> Index:
    entries: list[Entry] = []
    attached: dict[str, list[Descriptor]] = {}
    for listed in document.documents("manifests", most=MOST_ENTRIES):
        descriptor = Descriptor.of(listed)
        if about := descriptor.annotations.get(_ATTESTED):
            attached.setdefault(about, []).append(descriptor)
            continue
        platform = _platform(listed)
        if descriptor.media_type in MANIFEST_TYPES and not (platform and platform.is_unknown):
            entries.append(Entry(descriptor, platform))
    of_images = {about: tuple(descriptors) for about, descriptors in attached.items()}
    return Index(tuple(entries), of_images, document.mapping("annotations"))


def referrers(body: bytes) -> tuple[Descriptor, ...]:
    """What is attached to an image: the entries of a list that are no images of its own.

    Raises:
        UnreadableError: it is not such a list.
    """
    document = Document.read(body)
    if not isinstance(document.values.get("manifests"), list):
        raise UnreadableError("it has no list of what is attached")
    listed = document.documents("manifests", most=MOST_ENTRIES)
    return tuple(Descriptor.of(entry) for entry in listed)


def _platform(listed: Document) -> Platform | None:
    found = listed.document("platform")
    if found is None or not (found.has("os") or found.has("architecture")):
        return None
    return Platform.of(found.text("os"), found.text("architecture"), found.text("variant"))


def _manifest(document: Document) -> Manifest:
    config = document.document("config")
    if config is None:
        raise UnreadableError("it has no config")
    return Manifest(
        config=Descriptor.of(config),
        layers=tuple(Descriptor.of(layer) for layer in document.documents("layers", most=MOST_LAYERS)),
        artifact_type=document.text("artifactType"),
        annotations=document.mapping("annotations"),
    )


def _require_layer(media_type: str) -> None:
    if media_type.startswith(_ELSEWHERE):
        raise UnusableError(
            "image_elsewhere",
            "has a layer that registries do not hand out (a foreign layer, as Windows images have)",
            "Choose an image all of whose layers are in its registry.",
        )
    if media_type.endswith(_ENCRYPTED):
        raise UnusableError(
            "image_elsewhere", "has encrypted layers", "Choose an image that is not encrypted."
        )
    if media_type not in _LAYER_TYPES and media_type not in _DOCKER_LAYERS:
        raise _artifact(media_type)


def _artifact(kind: str) -> UnusableError:
    return UnusableError(
        "not_an_image",
        f"is no container image but something else that registries keep ({_shown(kind)})",
        "Give the name of an image.",
    )


def _shown(media_type: str) -> str:
    """A media type as far as a sentence can bear it."""
    short = media_type if len(media_type) <= 100 else f"{media_type[:99]}…"  # noqa: PLR2004
    return "".join(character if character.isprintable() else "\ufffd" for character in short) or "no type"
