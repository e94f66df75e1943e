"""How git gets a login: from a credential helper for one host, which reads what never is an argument.

git asks a helper only when the host asks for a login, and only the helpers of that host
(https://git-scm.com/docs/gitcredentials). So a token is in no URL, command line, log or `.git/config`.
"""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    # They take longer to import than all that clones, and pods clone before they do anything else.
    from spawner.spec import GitLogin, RepositorySpec

_USERNAME, _PASSWORD = "SOJOURN_GIT_USERNAME", "SOJOURN_GIT_PASSWORD"
_DEFAULT_PORTS = {"https": 443, "http": 80}
_ANSWER = f'printf \'username=%s\\npassword=%s\\n\' "${_USERNAME}" "${_PASSWORD}"'


class Token(Protocol):
    """What does not show itself unasked."""

    def get_secret_value(self) -> str:
        """Shows it."""


class Login(Protocol):
    """A `GitLogin`, or what the cloning program reads in its place."""

    @property
    def host(self) -> str:
        """Host name, with `:port` where it is not the scheme's own."""

    @property
    def username(self) -> str:
        """Whom to log in as."""

    @property
    def token(self) -> Token:
        """Access token or password."""


class GitAccess(NamedTuple):
    """What one git command is given to log in with.

    Attributes:
        settings: arguments of `git` before its subcommand; they hold no secret. Behind `credential.helper=`,
            which would forget them.
        variables: for its environment, the token among them.
    """

    settings: tuple[str, ...] = ()
    variables: dict[str, str] = {}


def host_of(url: str) -> str | None:
    """The host of a repository as logins name it, `HOST` or `HOST:PORT`; None where git asks for no login."""
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or parts.hostname is None:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return host if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{host}:{parts.port}"


def credential(host: str) -> str:
    """What a run calls the login of a host: also the name of a file, and of a key of a Kubernetes Secret."""
    return re.sub(r"[^A-Za-z0-9.-]", "_", host)


def for_command(url: str, login: Login | None) -> GitAccess:
    """The access of a git command that talks to the repository at `url`; without a login, none."""
    if login is None or host_of(url) != login.host:
        return GitAccess()
    setting = f"{_key(url)}={_helper(_ANSWER)}"
    variables = {_USERNAME: login.username, _PASSWORD: login.token.get_secret_value()}
    return GitAccess(("-c", setting), variables)


def without_token(text: str, login: Login | None) -> str:
    """What git said, in case the host sent the token back in it: plain, in a URL or as HTTP Basic has it."""
    if login is None:
        return text
    token = login.token.get_secret_value()
    basic = base64.b64encode(f"{login.username}:{token}".encode()).decode()
    for shown in (basic, token, quote(token, safe="")):
        text = text.replace(shown, "…")
    return text


def for_session(repositories: Iterable[RepositorySpec], folder: str) -> dict[str, str]:
    """Variables that let git in a session log in; `folder` has files of `as_file`, named by credential."""
    helpers = {
        _key(repository.url): _helper(f"cat {shlex.quote(f'{folder}/{repository.credential}')}")
        for repository in repositories
        if repository.credential is not None
    }
    variables = {"GIT_CONFIG_COUNT": str(len(helpers))} if helpers else {}
    for number, (key, helper) in enumerate(helpers.items()):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": helper}
    return variables


def as_file(login: GitLogin) -> str:
    """A login as a credential helper answers it."""
    return f"username={login.username}\npassword={login.token.get_secret_value()}\n"


def _key(url: str) -> str:
    return f"credential.{urlsplit(url).scheme}://{host_of(url)}.helper"


def _helper(command: str) -> str:
    """A helper that answers questions; what git would have it keep or forget is not its business."""
    return f'!f() {{ test "$1" = get && {command}; }}; f'
