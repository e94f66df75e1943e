"""Which git login opens which repository."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import SecretStr

from sessions_api.git_logins.tables import GitLogin
from sessions_api.kit.sealing import Sealer
from sessions_api.repositories.urls import ReadingRules
from spawner import git_logins
from spawner.spec import GitLogin as OpenedLogin


class Logins:
    """The git logins that a person's launches of a project may use.

    The person's own go before the project's. A token is sent over https; over http, where everybody on the
    way can read it, only if the installation lets repositories have private addresses or is a laptop.

    Who passes by a public project uses none, not even of their own: the session runs the project's code,
    which could read it.

    Attributes:
        member: whether the person belongs to the project.
    """

    def __init__(self, rows: Iterable[GitLogin] = (), *, member: bool) -> None:
        self.member = member
        found = sorted(rows, key=lambda row: row.person is not None)
        self._by_host = {row.host: row for row in found}

    def credential(self, url: str, rules: ReadingRules) -> str | None:
        """What the run calls the login for the repository at `url`; None without one."""
        row = self._row(url, rules)
        return git_logins.credential(row.host) if row else None

    def opened(self, url: str, rules: ReadingRules, sealer: Sealer) -> OpenedLogin | None:
        """The login for the repository at `url`, with its token; None without one.

        Raises:
            NoKey, Unopened: its token cannot be decrypted.
        """
        row = self._row(url, rules)
        if row is None:
            return None
        token = sealer.open(row.sealed, what=f"The git login of {row.host}")
        return OpenedLogin(host=row.host, username=row.username, token=SecretStr(token))

    def _row(self, url: str, rules: ReadingRules) -> GitLogin | None:
        host = git_logins.host_of(url)
        if host is None or not rules.may_log_in(url):
            return None
        return self._by_host.get(host)
