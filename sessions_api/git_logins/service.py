"""Git logins, and whose opens what."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.git_logins import hosts
from sessions_api.git_logins.logins import Logins
from sessions_api.git_logins.tables import GitLogin
from sessions_api.host_logins.service import HostLogins

logins = HostLogins(GitLogin, noun="git login", check=hosts.check)
listing, page, get = logins.listing, logins.page, logins.get
add, change, remove = logins.add, logins.change, logins.remove
forget, reseal = logins.forget, logins.reseal


async def for_launch(db: AsyncSession, project_id: str, person: str, groups: Collection[str] = ()) -> Logins:
    """What a member's launch of a project may log in with, their own before the project's; others nothing."""
    found = await logins.usable(db, project_id, person, groups)
    return Logins(found or (), member=found is not None)
