"""Registry logins, and whose opens what."""

from collections.abc import Collection

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.host_logins.owners import Owner
from sessions_api.host_logins.service import HostLogins
from sessions_api.kit.errors import NotFound
from sessions_api.kit.sealing import Sealer
from sessions_api.people.viewer import Viewer
from sessions_api.registry_logins import hosts
from sessions_api.registry_logins.logins import Logins
from sessions_api.registry_logins.tables import RegistryLogin

logins = HostLogins(RegistryLogin, noun="registry login", check=hosts.check)
listing, page, get = logins.listing, logins.page, logins.get
add, change, remove = logins.add, logins.change, logins.remove
forget, reseal = logins.forget, logins.reseal


async def for_launch(db: AsyncSession, project_id: str, person: str, groups: Collection[str] = ()) -> Logins:
    """What a member's launch of a project may log in with, their own before the project's; others nothing."""
    return Logins(await logins.usable(db, project_id, person, groups) or ())


async def for_check(db: AsyncSession, viewer: Viewer) -> Logins:
    """What a check by somebody may log in with: their own."""
    return Logins(await listing(db, Owner(viewer)))


async def keep(
    db: AsyncSession, viewer: Viewer, *, host: str, username: str, password: SecretStr, sealer: Sealer
) -> None:
    """Adds somebody's own registry login, or writes it over the one that they have for its host.

    Raises:
        Invalid: the host is none.
        Conflict: there are as many as there can be.
        NoKey: the installation keeps no secrets.
    """
    owner = Owner(viewer)
    try:
        present = await get(db, owner, hosts.check(host))
    except NotFound:
        await add(db, owner, host=host, username=username, secret=password, sealer=sealer)
    else:
        await change(db, owner, present.id, sealer=sealer, username=username, secret=password)
