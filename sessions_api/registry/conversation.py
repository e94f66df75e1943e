"""Questions to a registry about one repository, and what it means when they are not answered.

Numbers such as end-3 are those of the OCI distribution spec 1.1, "Endpoints".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import overload

from sessions_api.registry import manifests, reasons
from sessions_api.registry.answers import error_codes, failure, refused_for_now
from sessions_api.registry.fetch import Answer, Fetcher, FetchError
from sessions_api.registry.logins import Doorkeeper, RegistryLogin
from sessions_api.registry.reasons import RegistryError
from sessions_api.registry.references import Reference
from sessions_api.registry.targets import Target

_NOTHING: Mapping[str, str] = MappingProxyType({})
_MOST_BYTES = 64 * 1024
_NO_REPOSITORY = frozenset({"NAME_UNKNOWN", "NAME_INVALID"})
_LOGIN = frozenset({"image_login_required", "image_login_refused"})
"""Some let nobody see the tags of images that everybody may pull."""
_API = "docker-distribution-api-version"
OK, MISSING = 200, 404
_REFUSED, _WHO, _FORBIDDEN = 400, 401, 403


class Conversation:
    """Asks one registry about one repository, as whoever the login is.

    Attributes:
        seconds: how long one answer may take.
    """

    def __init__(
        self, fetcher: Fetcher, reference: Reference, login: RegistryLogin | None, *, seconds: float
    ) -> None:
        self.seconds = seconds
        self._fetcher = fetcher
        self._reference = reference
        self._registry = f"{fetcher.scheme_of(reference.api_host)}://{reference.api_host}/v2/"
        self._doorkeeper = Doorkeeper(fetcher, reference, login, seconds=seconds)

    @asynccontextmanager
    async def ask(
        self,
        method: str,
        path: str,
        *,
        accept: str = "*/*",
        headers: Mapping[str, str] = _NOTHING,
        most_bytes: int,
        seconds: float | None = None,
    ) -> AsyncIterator[Answer]:
        """Asks for a path below the repository (`/manifests/1`); any answer but 401 will do.

        Raises:
            RegistryError: there is no answer, or the registry lets nobody in like this; also while the answer
                is read.
        """
        url = f"{self._registry}{self._reference.repository}{path}"
        sent = self._doorkeeper.authorization()
        seconds = self.seconds if seconds is None else seconds
        try:
            for is_last in (False, True):
                async with self._fetcher.open(
                    method,
                    url,
                    headers={"Accept": accept, **headers, **({"Authorization": sent} if sent else {})},
                    most_bytes=max(most_bytes, _MOST_BYTES),
                    seconds=seconds,
                ) as answer:
                    if answer.status != _WHO:
                        yield answer
                        return
                if refused := self._sent_on(answer):
                    raise refused
                if is_last:
                    raise self._doorkeeper.turned_away()
                sent = await self._doorkeeper.challenged(answer.headers.get("www-authenticate", ""), sent)
        except FetchError as error:
            raise failure(self._reference, error, seconds) from error

    async def read(
        self,
        path: str,
        *,
        accept: str,
        most_bytes: int,
        part: str | None = None,
        unless: Container[int] = (),
    ) -> tuple[Answer, bytes]:
        """A whole answer, and its body; empty where it has one of the statuses of `unless`.

        Args:
            path: below the repository.
            accept: media types.
            most_bytes: of the body.
            part: digest of what is asked for, where the reference only leads to it.
            unless: statuses that will do beside 200.

        Raises:
            RegistryError: it cannot be had.
        """
        async with self.ask("GET", path, accept=accept, most_bytes=most_bytes) as answer:
            if answer.status == OK:
                return answer, await answer.read()
            if answer.status in unless:
                return answer, b""
            refused = await self.refusal(answer, part)
        raise refused or await self._missing(answer)

    @overload
    async def refusal(self, answer: Answer, part: str) -> RegistryError: ...
    @overload
    async def refusal(self, answer: Answer, part: str | None) -> RegistryError | None: ...
    async def refusal(self, answer: Answer, part: str | None) -> RegistryError | None:
        """What it means that an answer is not what was asked for; None: there is none, `_missing` says why.

        Args:
            answer: with any other status than 200.
            part: as in `read`.

        Raises:
            FetchError: it could not be read.
        """
        if refused := refused_for_now(self._reference, answer):
            return refused
        codes = await error_codes(answer)
        if codes & _NO_REPOSITORY and answer.status in {MISSING, _REFUSED} and part is None:
            return reasons.no_repository(self._reference)
        if answer.status == MISSING:
            return None if part is None else reasons.no_blob(self._reference, part)
        if answer.status == _FORBIDDEN and not self._sent_on(answer):
            return self._doorkeeper.turned_away()
        told = f"answers with status {answer.status}, which has no meaning"
        return self._sent_on(answer) or reasons.broken(self._reference, told)

    async def _missing(self, answer: Answer) -> RegistryError:
        """What it means that there is no such manifest.

        Distribution says `MANIFEST_UNKNOWN` of repositories that it does not know, too; asked for their tags
        it says which it is (end-8a).
        """
        try:
            async with self.ask("GET", "/tags/list?n=1", most_bytes=manifests.MOST_BYTES) as tags:
                codes = frozenset() if tags.status == OK else await error_codes(tags)
            if tags.status == OK:
                return reasons.no_version(self._reference)
            if codes & _NO_REPOSITORY:
                return reasons.no_repository(self._reference)
            if codes or _API in answer.headers or await self._is_registry():
                return reasons.no_image(self._reference)
        except RegistryError as error:
            return reasons.no_image(self._reference) if error.reason.code in _LOGIN else error
        return reasons.no_registry(self._reference)

    async def _is_registry(self) -> bool:
        """Whether anything there knows the registry API (end-1)."""
        try:
            async with self._fetcher.open(
                "GET", self._registry, most_bytes=_MOST_BYTES, seconds=self.seconds
            ) as answer:
                return answer.status in {OK, _WHO}
        except FetchError as error:
            raise failure(self._reference, error, self.seconds) from error

    def _sent_on(self, answer: Answer) -> RegistryError | None:
        """What it means that another host, to which the registry sent on, wants a login or fails."""
        if Target.read(answer.url).origin == Target.read(self._registry).origin:
            return None
        sent_on = f"sends on to an address that answers with status {answer.status}"
        return reasons.broken(self._reference, sent_on)
