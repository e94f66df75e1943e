"""Asks a registry about one image (OCI distribution spec 1.1; Docker's registry API v2 is its beginning).

Everything that comes is compared with its digest and size, where these are known, before it is used.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import NoReturn

from sessions_api.registry import manifests, reasons
from sessions_api.registry.answers import TOO_MANY, failure, refused_for_now
from sessions_api.registry.configs import ImageConfig
from sessions_api.registry.conversation import MISSING, OK, Conversation
from sessions_api.registry.digests import Check, digest_of, is_digest, is_of
from sessions_api.registry.documents import UnreadableError
from sessions_api.registry.fetch import Answer, Fetcher, FetchError
from sessions_api.registry.logins import RegistryLogin
from sessions_api.registry.manifests import Descriptor, Entry, Index, Manifest, UnusableError
from sessions_api.registry.platforms import Platform, best
from sessions_api.registry.reasons import RegistryError
from sessions_api.registry.references import Reference

__all__ = ["Descriptor", "Head", "Image", "Platform", "Registry", "RegistryError", "RegistryLogin"]

SECONDS = 20.0
"""How long one answer may take, a blob excepted."""
BLOB_SECONDS = 600.0
"""How long a blob may take: 1 GiB at 2 MiB/s."""
MOST_UNNAMED = 8
"""Images that are looked into where a list does not say what they are built for."""

_PARTIAL = 206
_ETAG_LENGTH = 256
_OTHER = "a part of it is not what its digest says"
_REFERRERS_UNKNOWN = frozenset({400, 404, 405, 406, 501})
_MOST_PAGES = 16
_NEXT = re.compile(r'<(?P<url>[^>]+)>\s*;\s*rel="?next"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Head:
    """What a reference is at this moment.

    Attributes:
        digest: of the image, or of the list of images, that it names.
        etag: what the registry calls this state; None where it does not say.
    """

    digest: str
    etag: str | None


@dataclass(frozen=True, slots=True)
class Image:
    """An image for one platform, with the name's other platforms.

    Attributes:
        digest: of what the reference names: of a list of images, the list's. What to pin.
        manifest: digest of this platform's own manifest; the same where there is no list.
        platform: what it is built for.
        platforms: all that the name has an image for.
        layers: from the lowest.
        config: its own settings.
        annotations: the list's and the manifest's, the latter first.
        attached: attestations in the list that are about it; `Registry.artifact` reads them.
        size: bytes that a node without any of its layers downloads.
    """

    digest: str
    manifest: str
    platform: Platform
    platforms: tuple[Platform, ...]
    layers: tuple[Descriptor, ...]
    config: ImageConfig
    annotations: Mapping[str, str]
    attached: tuple[Descriptor, ...]
    size: int


@dataclass(frozen=True, slots=True)
class _Found:
    """A manifest as it came."""

    digest: str
    etag: str | None
    document: Index | Manifest


class Registry:
    """One image's registry.

    Args:
        fetcher: makes the requests, by the installation's rules.
        reference: the image.
        login: what opens the registry; None: nothing. It is sent when the registry asks for it, as `logins`
            says, and to nobody else.
        seconds: how long one answer may take.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        reference: Reference,
        login: RegistryLogin | None = None,
        *,
        seconds: float = SECONDS,
    ) -> None:
        self._reference = reference
        self._conversation = Conversation(fetcher, reference, login, seconds=seconds)
        self._version = reference.digest or reference.tag or ""

    async def head(self) -> Head:
        """What the reference is now: one small request, which registries do not count as a pull.

        Whatever a registry answers to HEAD that is no clear yes is asked again with GET.

        Raises:
            RegistryError: it cannot be had.
        """
        try:
            async with self._conversation.ask(
                "HEAD", self._manifest_path(self._version), accept=manifests.ACCEPT, most_bytes=0
            ) as answer:
                if answer.status == TOO_MANY and (refused := refused_for_now(self._reference, answer)):
                    raise refused
                digest = answer.headers.get("docker-content-digest", "")
                wanted = self._reference.digest or digest
                if answer.status == OK and is_digest(digest) and digest == wanted:
                    return Head(digest, _etag(answer))
        except RegistryError as error:
            if error.reason.code != "registry_broken":
                raise
        found = await self._manifest(self._version)
        return Head(found.digest, found.etag)

    async def resolve(self, wanted: Sequence[Platform]) -> Image:
        """The image that the reference names now, for the first of the wanted platforms that it is built for.

        Args:
            wanted: at least one.

        Raises:
            RegistryError: it cannot be had, or is none that can be run there.
        """
        found = await self._manifest(self._version)
        if isinstance(found.document, Index):
            return await self._of_index(found, found.document, wanted)
        config = await self._config(found.document)
        if best([config.platform], wanted) is None:
            raise reasons.wrong_platform(self._reference, [config.platform], wanted)
        return self._image(found, found.document, config, config.platform)

    def blob(
        self,
        digest: str,
        size: int,
        *,
        start: int = 0,
        end: int | None = None,
        seconds: float = BLOB_SECONDS,
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """A blob in pieces of at most 64 KiB, while the context lasts.

        The whole blob's last piece comes before it is known whether digest and size are right: use nothing
        for good before the iterator has ended. Of a part, only the length is compared; reading may stop
        anywhere, and then nothing is. Each open blob takes one of the fetcher's connections.

        Args:
            digest: as a manifest has it.
            size: bytes of the whole, as a manifest has it.
            start: of the part, from 0.
            end: of the part, exclusive, and beyond `start`; None: the whole's.
            seconds: for everything.

        Raises:
            RegistryError: it cannot be had, is not what its digest says, or the registry does not hand out
                parts; the last one not where the part is the beginning.
        """
        return self._blob(digest, size, start, size if end is None else min(end, size), seconds)

    async def referrers(self, digest: str) -> tuple[Descriptor, ...]:
        """What is attached to an image in this repository, such as SBOMs and signatures.

        Registries without the referrers API keep it under a tag that is made of the digest (OCI distribution
        spec 1.1, "Referrers Tag Schema").

        Raises:
            RegistryError: it cannot be had. Nothing attached is no error.
        """
        found: list[Descriptor] = []
        path = f"/referrers/{digest}"
        for _ in range(_MOST_PAGES):
            answer, body = await self._conversation.read(
                path,
                accept=manifests.INDEX_TYPES[0],
                most_bytes=manifests.MOST_BYTES,
                unless=_REFERRERS_UNKNOWN,
            )
            if answer.status != OK:
                return await self._referrers_by_tag(digest)
            found += self._referrers(body)
            following = _next(answer, digest)
            if following is None:
                break
            path = following
        return tuple(found)

    async def artifact(self, descriptor: Descriptor) -> Manifest:
        """What something attached is made of; its contents are `layers`, to be read with `blob`.

        Raises:
            RegistryError: it cannot be had.
        """
        found = await self._manifest(descriptor.digest, expected=descriptor)
        if isinstance(found.document, Index):
            raise reasons.manifest_broken(self._reference, "what is attached to it is a list of images")
        return found.document

    async def _of_index(self, found: _Found, index: Index, wanted: Sequence[Platform]) -> Image:
        named = [entry.platform for entry in index.entries if entry.platform is not None]
        if not index.entries:
            self._unusable(UnusableError("not_an_image", "is a list without an image", "Give another name."))
        chosen = best(named, wanted)
        if chosen is not None:
            entry = next(entry for entry in index.entries if entry.platform == chosen)
            manifest = await self._listed(entry)
            config = await self._config(manifest)
            return self._image(found, manifest, config, chosen, entry=entry, named=named)
        for entry in [entry for entry in index.entries if entry.platform is None][:MOST_UNNAMED]:
            manifest = await self._listed(entry)
            config = await self._config(manifest)
            named.append(config.platform)
            if best([config.platform], wanted) is not None:
                return self._image(found, manifest, config, config.platform, entry=entry, named=named)
        raise reasons.wrong_platform(self._reference, named, wanted)

    async def _listed(self, entry: Entry) -> Manifest:
        found = await self._manifest(entry.manifest.digest, expected=entry.manifest)
        if isinstance(found.document, Index):
            raise reasons.manifest_broken(self._reference, "a list of images has another list in it")
        return found.document

    def _image(
        self,
        found: _Found,
        manifest: Manifest,
        config: ImageConfig,
        platform: Platform,
        *,
        entry: Entry | None = None,
        named: Sequence[Platform] = (),
    ) -> Image:
        index = found.document if isinstance(found.document, Index) else Index((), {}, {})
        digest = entry.manifest.digest if entry else found.digest
        blobs = {blob.digest: blob.size for blob in (manifest.config, *manifest.layers)}
        return Image(
            digest=found.digest,
            manifest=digest,
            platform=platform,
            platforms=tuple(dict.fromkeys(named or (platform,))),
            layers=manifest.layers,
            config=config,
            annotations={**index.annotations, **manifest.annotations},
            attached=index.attached.get(digest, ()),
            size=sum(blobs.values()),
        )

    async def _manifest(self, version: str, *, expected: Descriptor | None = None) -> _Found:
        """What there is under a tag or digest, compared with everything that is known of it."""
        answer, body = await self._conversation.read(
            self._manifest_path(version),
            accept=manifests.ACCEPT,
            most_bytes=manifests.MOST_BYTES,
            part=None if expected is None else version,
        )
        said = answer.headers.get("docker-content-digest", "")
        digest = version if is_digest(version) else said or digest_of(body)
        if not is_digest(digest) or not is_of(digest, body):
            raise reasons.manifest_broken(self._reference, "it is not what its digest says")
        if expected is not None and expected.size != len(body):
            raise reasons.manifest_broken(self._reference, "a manifest is not as large as is said of it")
        try:
            document = manifests.read(body, answer.headers.get("content-type", ""))
        except UnreadableError as error:
            if manifests.bare(answer.headers.get("content-type", "")) == "text/html":
                raise reasons.no_registry(self._reference) from error
            raise reasons.manifest_broken(self._reference, str(error)) from error
        except UnusableError as error:
            self._unusable(error)
        return _Found(digest, _etag(answer), document)

    async def _config(self, manifest: Manifest) -> ImageConfig:
        """The settings of a manifest that has to be an image's."""
        try:
            manifest.require_image()
            async with self.blob(
                manifest.config.digest, manifest.config.size, seconds=self._conversation.seconds
            ) as pieces:
                body = b"".join([piece async for piece in pieces])
            return ImageConfig.read(body)
        except UnreadableError as error:
            raise reasons.manifest_broken(self._reference, str(error)) from error
        except UnusableError as error:
            self._unusable(error)

    @asynccontextmanager
    async def _blob(
        self, digest: str, size: int, start: int, end: int, seconds: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        is_part = (start, end) != (0, size)
        async with self._conversation.ask(
            "GET",
            f"/blobs/{digest}",
            most_bytes=size,
            seconds=seconds,
            headers={"Range": f"bytes={start}-{end - 1}"} if is_part else {},
        ) as answer:
            if answer.status not in {OK, _PARTIAL}:
                raise await self._conversation.refusal(answer, digest)
            if answer.status == _PARTIAL:
                told = answer.headers.get("content-range", "").partition("/")[0]
                if not is_part or told.lower() != f"bytes {start}-{end - 1}":
                    raise reasons.broken(self._reference, "sends another part of a layer than was asked for")
            elif start:
                raise reasons.broken(self._reference, "does not hand out parts of layers")
            whole = None if is_part else Check(digest)
            async with aclosing(self._pieces(answer, end - start, whole, seconds)) as pieces:
                yield pieces

    async def _pieces(
        self, answer: Answer, left: int, whole: Check | None, seconds: float
    ) -> AsyncGenerator[bytes, None]:
        """`left` bytes of the answer; `whole` compares them with a digest, and then there may be no more."""
        try:
            async for chunk in answer.chunks():
                piece = chunk[:left]
                left -= len(piece)
                if whole is not None:
                    if len(piece) < len(chunk):
                        raise reasons.manifest_broken(self._reference, _OTHER)
                    whole.update(piece)
                yield piece
                if whole is None and not left:
                    return
        except FetchError as error:
            raise failure(self._reference, error, seconds) from error
        if left or (whole is not None and not whole.passes()):
            raise reasons.manifest_broken(self._reference, _OTHER)

    async def _referrers_by_tag(self, digest: str) -> tuple[Descriptor, ...]:
        algorithm, _, digits = digest.partition(":")
        answer, body = await self._conversation.read(
            self._manifest_path(f"{algorithm[:32]}-{digits[:64]}"),
            accept=manifests.INDEX_TYPES[0],
            most_bytes=manifests.MOST_BYTES,
            unless={MISSING},
        )
        return self._referrers(body) if answer.status == OK else ()

    def _referrers(self, body: bytes) -> tuple[Descriptor, ...]:
        try:
            return manifests.referrers(body)
        except UnreadableError as error:
            raise reasons.broken(self._reference, "has a list of what is attached that is none") from error

    def _unusable(self, error: UnusableError) -> NoReturn:
        sentence = f"{reasons.name_of(self._reference)} {error.what}."
        raise reasons.refusal(error.code, sentence, error.hint) from error

    @staticmethod
    def _manifest_path(version: str) -> str:
        return f"/manifests/{version}"


def _etag(answer: Answer) -> str | None:
    etag = answer.headers.get("etag", "")
    return etag if 0 < len(etag) <= _ETAG_LENGTH else None


def _next(answer: Answer, digest: str) -> str | None:
    """The path below the repository of the next page (RFC 8288), which is of the same list."""
    found = _NEXT.search(answer.headers.get("link", ""))
    if found is None:
        return None
    _, referrers, query = found["url"].partition(f"/referrers/{digest}?")
    return f"/referrers/{digest}?{query}" if referrers else None
