"""Repositories of images in memory, and what is wrong with them; `registry_server` hands them out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Fault = Literal[
    "hang", "stall", "cut", "slow", "broken_json", "wrong_bytes", "schema_1", "too_many", "trouble",
    "web_page", "no_head", "bare_head", "no_ranges", "other_part", "redirect", "sent_on",
]  # fmt: skip
Way = Literal["bearer", "basic"]
Layer = bytes | tuple[bytes, str]
"""A layer as it is stored, and its media type unless that is `tar+gzip`."""

OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."
KINDS = {
    "oci": (f"{OCI}manifest.v1+json", f"{OCI}config.v1+json", f"{OCI}layer.v1.tar+gzip"),
    "docker": (
        f"{DOCKER}distribution.manifest.v2+json",
        f"{DOCKER}container.image.v1+json",
        f"{DOCKER}image.rootfs.diff.tar.gzip",
    ),
}
LISTS = {"oci": f"{OCI}index.v1+json", "docker": f"{DOCKER}distribution.manifest.list.v2+json"}
SCHEMA_1 = f"{DOCKER}distribution.manifest.v1+prettyjws"


def digest_of(content: bytes, algorithm: str = "sha256") -> str:
    """A content's name."""
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def descriptor(content: bytes, media_type: str, **more: Any) -> dict[str, Any]:
    """What manifests say of a content."""
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content), **more}


@dataclass
class Repository:
    """What is in a repository.

    Attributes:
        manifests: body and media type, by digest.
        tags: digests by tag.
        attached: descriptors by the digest that they are about.
        way: how one gets in; None: everyone does, without asking.
        login: `username:password` that may read; None: everyone who asks.
    """

    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    attached: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    fault: Fault | None = None
    way: Way | None = None
    login: str | None = None


class Images:
    """Repositories by name."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.has_referrers = True

    def push(
        self,
        repository: str,
        tag: str | None = None,
        *,
        layers: Sequence[Layer] = (b"layer",),
        config: Mapping[str, Any] | None = None,
        platform: str = "linux/amd64",
        kind: Literal["oci", "docker"] = "oci",
        **more: Any,
    ) -> str:
        """Pushes an image, with its config's `config` and more of its manifest; returns its digest."""
        manifest_type, config_type, layer_type = KINDS[kind]
        own = {"rootfs": {"type": "layers", "diff_ids": []}, "config": config or {}, **_platform(platform)}
        given = [layer if isinstance(layer, tuple) else (layer, layer_type) for layer in layers]
        manifest = {
            "schemaVersion": 2,
            "mediaType": manifest_type,
            "config": self.keep(repository, json.dumps(own).encode(), config_type),
            "layers": [self.keep(repository, content, media_type) for content, media_type in given],
            **more,
        }
        return self.put(repository, manifest, manifest_type, tag=tag)

    def push_index(
        self,
        repository: str,
        tag: str | None,
        images: Sequence[tuple[str, str | None]],
        *,
        kind: Literal["oci", "docker"] = "oci",
        more: Sequence[Mapping[str, Any]] = (),
    ) -> str:
        """Pushes a list of images by digest and platform, and of more entries; returns its digest."""
        entries = [self.entry(repository, digest, platform) for digest, platform in images]
        index = {"schemaVersion": 2, "mediaType": LISTS[kind], "manifests": [*entries, *more]}
        return self.put(repository, index, LISTS[kind], tag=tag)

    def attach(self, repository: str, digest: str, artifact_type: str, content: bytes) -> str:
        """Attaches a content, such as an SBOM, to an image; returns the digest of the artifact's manifest."""
        empty = "application/vnd.oci.empty.v1+json"
        manifest = {
            "schemaVersion": 2,
            "mediaType": KINDS["oci"][0],
            "artifactType": artifact_type,
            "config": self.keep(repository, b"{}", empty),
            "layers": [self.keep(repository, content, artifact_type)],
            "subject": self.entry(repository, digest, None),
        }
        body = json.dumps(manifest).encode()
        of_it = descriptor(body, KINDS["oci"][0], artifactType=artifact_type)
        attached = self.repository(repository).attached.setdefault(digest, [])
        attached.append(of_it)
        self.put(repository, body, KINDS["oci"][0])
        index = {"schemaVersion": 2, "mediaType": LISTS["oci"], "manifests": attached}
        if not self.has_referrers:
            self.put(repository, index, LISTS["oci"], tag=digest.replace(":", "-"))
        return digest_of(body)

    def put(
        self,
        repository: str,
        manifest: Mapping[str, Any] | bytes,
        media_type: str,
        *,
        tag: str | None = None,
        algorithm: str = "sha256",
    ) -> str:
        """Puts any manifest; returns its digest."""
        body = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
        digest = digest_of(body, algorithm)
        self.repository(repository).manifests[digest] = body, media_type
        if tag is not None:
            self.move_tag(repository, tag, digest)
        return digest

    def keep(self, repository: str, content: bytes, media_type: str) -> dict[str, Any]:
        """Keeps a blob; returns its descriptor."""
        self.repository(repository).blobs[digest_of(content)] = content
        return descriptor(content, media_type)

    def move_tag(self, repository: str, tag: str, digest: str) -> None:
        """Makes a tag mean another image."""
        self.repository(repository).tags[tag] = digest

    def delete_tag(self, repository: str, tag: str) -> None:
        """Forgets a tag; what it meant stays."""
        del self.repository(repository).tags[tag]

    def delete(self, repository: str, digest: str) -> None:
        """Deletes a manifest or blob, and the tags that meant it."""
        of_it = self.repository(repository)
        of_it.manifests.pop(digest, None)
        of_it.blobs.pop(digest, None)
        of_it.tags = {tag: meant for tag, meant in of_it.tags.items() if meant != digest}

    def break_with(self, repository: str, fault: Fault | None) -> None:
        """Switches a fault of one repository on, or with None off."""
        self.repository(repository).fault = fault

    def protect(self, repository: str, way: Way = "bearer", *, login: str | None = None) -> None:
        """Asks whoever comes for a token, or for the login itself; `login` is the only one that helps."""
        of_it = self.repository(repository)
        of_it.way, of_it.login = way, login

    def repository(self, name: str) -> Repository:
        """A repository, which is made if it is not there."""
        return self.repositories.setdefault(name, Repository())

    def entry(self, repository: str, digest: str, platform: str | None) -> dict[str, Any]:
        """What a list says of a manifest that is there."""
        body, media_type = self.repository(repository).manifests[digest]
        found = descriptor(body, media_type) | {"digest": digest}
        return found | ({"platform": _platform(platform)} if platform else {})


def _platform(platform: str) -> dict[str, str]:
    return dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
