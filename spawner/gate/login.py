"""Login by JupyterHub's OAuth: authorization code with PKCE (RFC 6749, 4.1; RFC 7636).

What a login under way needs is in a cookie of its own, signed with what only this session's gates know: a
gate that was started again goes on with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import parse_qs, urlencode

from spawner.gate import pages
from spawner.gate.access import Access
from spawner.gate.cookies import HUB_LOGIN, Cookies, clear_cookie, set_cookie
from spawner.gate.hub import Hub, RefusedCodeError
from spawner.gate.messages import Answer, Request
from spawner.gate.settings import Settings

_UNDER_WAY_SECONDS = 600
_MOST_UNDER_WAY = 5
_MOST_TARGET = 1000
"""Characters of an address that is remembered: escaped it may be three times as long, a cookie 4,096."""


class Login:
    """Sends browsers to the hub and takes them back."""

    def __init__(self, settings: Settings, hub: Hub, access: Access) -> None:
        self._settings = settings
        self._hub = hub
        self._access = access
        self._key = hmac.digest(settings.token.encode(), b"sojourn gate: logins under way", "sha256")
        self._under_way = f"{settings.cookie}-oauth-state-"

    def begin(self, request: Request, cookies: Cookies, following: str) -> Answer:
        """To the hub's login, and from there to `following`, a path of the session."""
        state = secrets.token_urlsafe(16)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self._verifier(state).encode()).digest())
        query = urlencode({
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.callback_url,
            "response_type": "code",
            "state": state,
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        })  # fmt: skip
        if len(following) > _MOST_TARGET or not following.startswith(self._settings.prefix):
            following = self._settings.prefix
        expires = str(int(time.time()) + _UNDER_WAY_SECONDS)
        begun = set_cookie(
            self._under_way + state[:8],
            "|".join((expires, self._signature(state, expires, following), following)),
            path=self._settings.cookie_path,
            secure=self.is_secure(request),
            seconds=_UNDER_WAY_SECONDS,
        )
        others = [name for name in cookies.ours if name.startswith(self._under_way)]
        too_many = self._clear(request, others) if len(others) >= _MOST_UNDER_WAY else ()
        address = f"{self._settings.hub_host}{self._settings.hub_prefix}api/oauth2/authorize?{query}"
        return Answer(HTTPStatus.FOUND, headers={"Location": address}, cookies=[*too_many, begun])

    async def finish(self, request: Request, cookies: Cookies) -> Answer:
        """Takes the hub's code, asks who it stands for, and lets them in if they may.

        Raises:
            HubAwayError: the hub does not answer.
        """
        given = parse_qs(request.target.partition(b"?")[2].decode("latin-1"))
        state, code = (given.get(name, [""])[0] for name in ("state", "code"))
        following = self._following(state, cookies)
        if following is None or not code:
            return pages.login_failed(self._settings.prefix)
        try:
            token = await self._hub.token_of_code(code, self._verifier(state))
        except RefusedCodeError:
            return pages.login_failed(self._settings.prefix)
        verdict = await self._access.verdict(token, cookies.ours.get(HUB_LOGIN, ""))
        if not verdict.may_enter:
            return pages.no_entry(verdict.name, self.hub_logout)
        entered = set_cookie(
            self._settings.cookie, token, path=self._settings.cookie_path, secure=self.is_secure(request)
        )
        done = self._clear(request, [self._under_way + state[:8]])
        return Answer(HTTPStatus.FOUND, headers={"Location": following}, cookies=[*done, entered])

    def end(self, request: Request, cookies: Cookies) -> Answer:
        """Forgets the browser, and sends it to log out of the hub too."""
        ours = [name for name in cookies.ours if name.startswith(self._settings.cookie)]
        return Answer(
            HTTPStatus.FOUND, headers={"Location": self.hub_logout}, cookies=self._clear(request, ours)
        )

    @property
    def hub_logout(self) -> str:
        """Address of the hub's own logout."""
        return f"{self._settings.hub_host}{self._settings.hub_prefix}logout"

    def is_secure(self, request: Request) -> bool:
        """Whether people came by HTTPS."""
        return self._settings.is_public_https or request.scheme == "https"

    def _following(self, state: str, cookies: Cookies) -> str | None:
        """Where a login leads that this browser began; None: it began no such login, or too long ago."""
        kept = cookies.ours.get(self._under_way + state[:8], "").split("|", 2)
        if len(kept) != 3 or not state:  # noqa: PLR2004 - as `begin` puts together
            return None
        expires, signature, following = kept
        expected = self._signature(state, expires, following)
        if not hmac.compare_digest(expected.encode(), signature.encode()) or time.time() > int(expires):
            return None
        return following

    def _verifier(self, state: str) -> str:
        return hmac.digest(self._key, f"verifier|{state}".encode(), "sha256").hex()

    def _signature(self, *what: str) -> str:
        return hmac.digest(self._key, "|".join(("begun", *what)).encode(), "sha256").hex()

    def _clear(self, request: Request, names: Iterable[str]) -> list[str]:
        return [
            clear_cookie(name, path=self._settings.cookie_path, secure=self.is_secure(request))
            for name in names
        ]
