"""What opens a registry: logins, and the tokens that they are changed for.

As Docker does it (distribution, `docs/spec/auth/token.md`): a registry that wants to know who asks answers
401 and names its token server, the realm, which gives a token for the asking; to that server the login goes,
not to the registry. Or it wants the login itself (HTTP Basic, RFC 7617). Docker takes any realm, and most
registries do have theirs on another host (`auth.docker.io`), so here too the registry is trusted to name it.
Beyond what Docker does:

- A login goes nowhere before the registry itself, over https or where an administrator allowed http, asked
  for it: a 401 from where a registry redirects to is no such question.
- The realm is a URL that somebody else wrote, with the fetcher's checks; redirects lose the login on the way.
- What is asked for is to pull, whatever the registry would like to be asked for.
"""

from __future__ import annotations

import asyncio
import base64
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from pydantic import SecretStr

from sessions_api.registry import reasons
from sessions_api.registry.answers import failure, refused_for_now
from sessions_api.registry.challenges import Challenge, read
from sessions_api.registry.documents import Document, UnreadableError
from sessions_api.registry.fetch import Answer, Fetcher, FetchError
from sessions_api.registry.reasons import RegistryError
from sessions_api.registry.references import Reference

MOST_BYTES = 64 * 1024
"""Of a token server's answer; tokens have a few KB."""
SHORTEST_SECONDS = 60
"""How long a token lives at least, and where nothing is said (`token.md`, `expires_in`)."""
_MARGIN = 10.0
"""Seconds that a request may be under way before the registry looks at its token."""
_TOKEN = re.compile(r"[\x21-\x7e]+")
_PULL = re.compile(r"repository:[^:,\s]+:pull")


@dataclass(frozen=True, slots=True)
class RegistryLogin:
    """A user name and what proves it: a password or, better, a token that may only read."""

    username: str
    password: SecretStr

    @property
    def basic(self) -> str:
        """As a header of HTTP Basic; a secret."""
        pair = f"{self.username}:{self.password.get_secret_value()}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"


class Doorkeeper:
    """Has what a registry lets somebody in with, for one repository, and gets it anew when it has expired.

    Args:
        fetcher: asks the token server.
        reference: any image of the repository.
        login: None: nobody's.
        seconds: that the token server may take.
    """

    def __init__(
        self, fetcher: Fetcher, reference: Reference, login: RegistryLogin | None, *, seconds: float
    ) -> None:
        self._fetcher = fetcher
        self._reference = reference
        self._login = login
        self._seconds = seconds
        self._pass: str | None = None
        self._until = float("inf")
        self._lock = asyncio.Lock()

    def authorization(self) -> str | None:
        """The header to send; None as long as nobody asked for any, and after a token's life."""
        if asyncio.get_running_loop().time() >= self._until:
            return None
        return self._pass

    def turned_away(self) -> RegistryError:
        """What it means when this does not open the repository."""
        if self._login is None:
            return reasons.login_required(self._reference)
        return reasons.login_refused(self._reference, self._login.username)

    async def challenged(self, header: str, sent: str | None) -> str:
        """The header to send instead of `sent`, which was answered with this `WWW-Authenticate`.

        Raises:
            RegistryError: there is none that would be better.
        """
        async with self._lock:
            has = self.authorization()
            if has is not None and has != sent:  # another request was quicker
                return has
            challenges = {challenge.scheme: challenge for challenge in reversed(read(header))}
            bearer = challenges.get("bearer")
            if bearer is not None and bearer.parameters.get("realm"):
                return await self._fetch_token(bearer)
            if "basic" not in challenges:
                raise reasons.broken(self._reference, "wants a login of a kind that Sojourn does not know")
            if self._login is None:
                raise self.turned_away()
            self._pass, self._until = self._login.basic, float("inf")
            return self._pass

    async def _fetch_token(self, challenge: Challenge) -> str:
        try:
            async with self._fetcher.open(
                "GET",
                self._token_url(challenge),
                headers={} if self._login is None else {"Authorization": self._login.basic},
                most_bytes=MOST_BYTES,
                seconds=self._seconds,
            ) as answer:
                token, lives = await self._token(answer)
        except FetchError as error:
            if error.code == "too_large":
                raise self._no_token() from error
            raise failure(self._reference, error, self._seconds) from error
        self._pass = f"Bearer {token}"
        self._until = asyncio.get_running_loop().time() + max(lives, SHORTEST_SECONDS) - _MARGIN
        return self._pass

    def _token_url(self, challenge: Challenge) -> str:
        realm = challenge.parameters["realm"].partition("#")[0]
        scopes = [f"repository:{self._reference.repository}:pull"]
        other = challenge.parameters.get("scope", "")
        if (
            _PULL.fullmatch(other) and other not in scopes
        ):  # the registry knows the repository by another name
            scopes.append(other)
        query = [("scope", scope) for scope in scopes]
        if service := challenge.parameters.get("service"):
            query.insert(0, ("service", service))
        if self._login is not None:
            query.append(("account", self._login.username))
        return f"{realm}{'&' if '?' in realm else '?'}{urlencode(query)}"

    async def _token(self, answer: Answer) -> tuple[str, int]:
        """The token of an answer, and its life in seconds."""
        if answer.status in {401, 403}:
            raise self.turned_away()
        if refused := refused_for_now(self._reference, answer):
            raise refused
        try:
            document = Document.read(await answer.read())
            token = document.text("token") or document.text("access_token")
            lives = document.number("expires_in") if document.has("expires_in") else SHORTEST_SECONDS
        except UnreadableError as error:
            raise self._no_token() from error
        if answer.status != 200 or not _TOKEN.fullmatch(token):  # noqa: PLR2004
            raise self._no_token()
        return token, lives

    def _no_token(self) -> RegistryError:
        return reasons.broken(self._reference, "names a token server whose answer has no token")
