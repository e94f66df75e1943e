"""What can be asked of the API about secrets and logins: their values go in and never come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict, Unpack

from sojourn.client.call import Call, Pages, given, match, nothing, path_of
from sojourn.client.login_models import GitLogin, RegistryLogin
from sojourn.client.models import Secret


class SecretChanges(TypedDict, total=False):
    """What may be changed of a secret; `variable` None leaves the file only."""

    name: str
    value: str
    variable: str | None


class GitLoginChanges(TypedDict, total=False):
    """What may be changed of a git login."""

    username: str
    token: str


class RegistryLoginChanges(TypedDict, total=False):
    """What may be changed of a registry login."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class SecretCalls:
    """Secrets of one project."""

    project: str

    def list(self) -> Pages[Secret]:
        """The secrets in the order in which they were added, without their values."""
        return Pages(self._at(), Secret)

    def get(self, name: str) -> Call[Secret]:
        """One secret by name or id, without its value."""
        return Call("GET", self._at(name), Secret.read)

    def add(self, name: str, value: str, *, variable: str | None = None) -> Call[Secret]:
        """Adds a secret; sessions that members start have it from their next start on."""
        body = {"name": name, "value": value, **given(variable=variable)}
        return Call("POST", self._at(), Secret.read, body)

    def change(
        self, name: str, /, *, if_match: str | None = None, **changes: Unpack[SecretChanges]
    ) -> Call[Secret]:
        """Changes what is given, from the next start on."""
        return Call("PATCH", self._at(name), Secret.read, {**changes}, headers=match(if_match))

    def remove(self, name: str) -> Call[None]:
        """Removes a secret; sessions that run keep what they were started with."""
        return Call("DELETE", self._at(name), nothing)

    def _at(self, *parts: str) -> str:
        return path_of("projects", self.project, "secrets", *parts)


@dataclass(frozen=True, slots=True)
class GitLoginCalls:
    """Git logins of one project, or your own (`project` None)."""

    project: str | None

    def list(self) -> Pages[GitLogin]:
        """The git logins by host, without their tokens."""
        return Pages(self._at(), GitLogin)

    def get(self, host: str) -> Call[GitLogin]:
        """One git login by host or id, without its token."""
        return Call("GET", self._at(host), GitLogin.read)

    def add(self, host: str, token: str, *, username: str | None = None) -> Call[GitLogin]:
        """Adds a git login; launches open private repositories of its host with it."""
        body = {"host": host, "token": token, **given(username=username)}
        return Call("POST", self._at(), GitLogin.read, body)

    def change(
        self, host: str, /, *, if_match: str | None = None, **changes: Unpack[GitLoginChanges]
    ) -> Call[GitLogin]:
        """Changes what is given; launches use it from now on."""
        return Call("PATCH", self._at(host), GitLogin.read, {**changes}, headers=match(if_match))

    def remove(self, host: str) -> Call[None]:
        """Forgets a git login; sessions that run have it until they end."""
        return Call("DELETE", self._at(host), nothing)

    def _at(self, *parts: str) -> str:
        whose = ("me",) if self.project is None else ("projects", self.project)
        return path_of(*whose, "git-logins", *parts)


@dataclass(frozen=True, slots=True)
class RegistryLoginCalls:
    """Registry logins of one project, or your own (`project` None)."""

    project: str | None

    def list(self) -> Pages[RegistryLogin]:
        """The registry logins by host, without their passwords."""
        return Pages(self._at(), RegistryLogin)

    def get(self, host: str) -> Call[RegistryLogin]:
        """One registry login by host or id, without its password."""
        return Call("GET", self._at(host), RegistryLogin.read)

    def add(self, host: str, username: str, password: str) -> Call[RegistryLogin]:
        """Adds a registry login; checks and launches open private images of its registry with it."""
        body = {"host": host, "username": username, "password": password}
        return Call("POST", self._at(), RegistryLogin.read, body)

    def change(
        self, host: str, /, *, if_match: str | None = None, **changes: Unpack[RegistryLoginChanges]
    ) -> Call[RegistryLogin]:
        """Changes what is given; it is used from now on."""
        return Call("PATCH", self._at(host), RegistryLogin.read, {**changes}, headers=match(if_match))

    def remove(self, host: str) -> Call[None]:
        """Forgets a registry login; sessions that run go on."""
        return Call("DELETE", self._at(host), nothing)

    def _at(self, *parts: str) -> str:
        whose = ("me",) if self.project is None else ("projects", self.project)
        return path_of(*whose, "registry-logins", *parts)
