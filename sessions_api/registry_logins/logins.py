"""Which registry login opens which image."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import SecretStr

from sessions_api.kit.sealing import NoKey, Sealer, Unopened
from sessions_api.registry.logins import RegistryLogin as OpenedLogin
from sessions_api.registry.references import Reference
from sessions_api.registry_logins import hosts
from sessions_api.registry_logins.tables import RegistryLogin
from spawner.reasons import RETRY, Reason, Remedy


class LoginUnopenedError(Exception):
    """There is a login, and its password cannot be decrypted.

    Attributes:
        reason: what people are told.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"{reason.code}: {reason.sentence}")
        self.reason = reason


class Logins:
    """The registry logins that somebody's checks or launches may use; a person's own before a project's.

    Who passes by a public project launches with none, not even of their own: the session runs the project's
    code, which could read what is in a private image.
    """

    def __init__(self, rows: Iterable[RegistryLogin] = ()) -> None:
        found = sorted(rows, key=lambda row: row.person is not None)
        self._by_host = {row.host: row for row in found}

    def has(self, reference: Reference) -> bool:
        """Whether there is one for the registry of an image."""
        return hosts.of(reference) in self._by_host

    def opened(self, reference: Reference, sealer: Sealer) -> OpenedLogin | None:
        """The login for the registry of an image, with its password; None without one.

        Raises:
            LoginUnopenedError: its password cannot be decrypted (`registry_login_unopened`).
        """
        row = self._by_host.get(hosts.of(reference))
        if row is None:
            return None
        try:
            password = sealer.open(row.sealed, what=f"The registry login of {row.host}")
        except (NoKey, Unopened) as error:
            raise LoginUnopenedError(_unopened(row.host, error)) from error
        return OpenedLogin(row.username, SecretStr(password))


def _unopened(host: str, error: NoKey | Unopened) -> Reason:
    remedy = Remedy(action="registry_login", label="Change the registry login", host=host)
    return Reason(
        code="registry_login_unopened",
        sentence=error.detail,
        hint=error.hint or "",
        remedies=(remedy, RETRY),
    )
