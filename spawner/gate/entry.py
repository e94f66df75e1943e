"""Decides about each request: who sent it, and whether it goes on to the program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

from spawner.gate import origins, pages
from spawner.gate.access import Access, Verdict
from spawner.gate.app import App
from spawner.gate.cookies import HUB_LOGIN, Cookies
from spawner.gate.hub import Hub
from spawner.gate.login import Login
from spawner.gate.messages import Answer, Request
from spawner.gate.settings import Settings
from spawner.gate.translation import Translation

_BEARER = re.compile(r"(?:token|bearer)\s+(\S+)\s*", re.IGNORECASE)
_TOKEN_IN_QUERY = re.compile(rb"(?:^|&)token=[^&]")


@dataclass(frozen=True)
class Admitted:
    """A request that goes on.

    Attributes:
        head: as the program gets it.
        token, login: who sent it, as `Access.verdict` asks for it.
    """

    head: bytes
    token: str
    login: str


@dataclass(frozen=True)
class _Who:
    """Who sent a request.

    Attributes:
        by_header: whether a header said so, which no other site can make a browser send.
    """

    verdict: Verdict
    token: str = ""
    by_header: bool = False


class Entry:
    """What stands between people and the program."""

    def __init__(
        self, settings: Settings, *, hub: Hub, app: App, access: Access, translation: Translation
    ) -> None:
        self._settings = settings
        self._hub = hub
        self._app = app
        self._access = access
        self._translation = translation
        self._login = Login(settings, hub, access)

    async def decide(self, request: Request, peer: str) -> Answer | Admitted:
        """The gate's own answer, or the request as it goes on.

        Raises:
            HubAwayError: the hub cannot be asked.
        """
        rest = self._translation.below(request.target)
        if rest is None:
            return self._elsewhere(request)
        cookies = Cookies(request.headers.all(b"cookie"))
        if (answer := await self._own(request, rest.partition(b"?")[0], cookies)) is not None:
            return answer
        who = await self._who(request, cookies)
        if (refusal := self._refusal(request, who, cookies)) is not None:
            return refusal
        if rest == b"" and self._settings.default_url and origins.is_navigation(request):
            return _redirect(f"{self._settings.prefix}{self._settings.default_url}")
        if not self._app.is_up:
            return pages.starting()
        head = self._translation.to_app(
            request, rest, cookies, peer=peer, keeps_authorization=not who.by_header
        )
        return Admitted(head, who.token, cookies.ours.get(HUB_LOGIN, ""))

    async def _own(self, request: Request, path: bytes, cookies: Cookies) -> Answer | None:
        """What the gate answers itself, at paths that no program behind it has; None: it is another path."""
        match path:
            case b"api" if request.method in {b"GET", b"HEAD"}:
                return self._probed()
            case b"oauth_callback":
                return await self._login.finish(request, cookies)
            case b"oauth_logout":
                is_forced = origins.is_from_elsewhere(request, self._settings.public_host)
                return pages.from_elsewhere() if is_forced else self._login.end(request, cookies)
        return None

    def _elsewhere(self, request: Request) -> Answer:
        if self._translation.is_bare_prefix(request.target):
            query = request.target.partition(b"?")[1:]
            return _redirect(self._settings.prefix + b"".join(query).decode("latin-1"))
        return pages.not_here()

    def _probed(self) -> Answer:
        """Whether people can be let in and find the program, which is where JupyterHub looks for it."""
        if self._hub.version is None or not self._app.is_up:
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, "starting\n")
        return Answer(HTTPStatus.OK, "ready\n", headers={"X-JupyterHub-Version": self._hub.version})

    async def _who(self, request: Request, cookies: Cookies) -> _Who:
        browser = cookies.ours.get(HUB_LOGIN, "")
        if given := _BEARER.fullmatch(request.headers.text(b"authorization")):
            verdict = await self._access.verdict(given[1], browser)
            if verdict.name is not None:
                return _Who(verdict, given[1], by_header=True)
        # A header that the hub does not know may be the program's own.
        token = cookies.ours.get(self._settings.cookie, "")
        return _Who(await self._access.verdict(token, browser), token)

    def _refusal(self, request: Request, who: _Who, cookies: Cookies) -> Answer | None:
        """Why a request does not go on; None: it does."""
        if who.verdict.name is None:
            if _TOKEN_IN_QUERY.search(request.target.partition(b"?")[2]):
                return pages.token_in_address()
            if not origins.is_navigation(request):
                return pages.log_in_first()
            return self._login.begin(request, cookies, self._following(request))
        if not who.verdict.may_enter:
            return pages.no_entry(who.verdict.name, self._login.hub_logout)
        if not who.by_header and origins.is_from_elsewhere(request, self._settings.public_host):
            return pages.from_elsewhere()
        return None

    def _following(self, request: Request) -> str:
        rest = self._translation.below(request.target) or b""
        return self._settings.prefix + rest.decode("latin-1")


def _redirect(address: str) -> Answer:
    return Answer(HTTPStatus.FOUND, headers={"Location": address})
