"""Rules of logins of hosts: one per host and owner, changed by who may, sealed, and forgotten."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Generic

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service as audit
from sessions_api.audit.verbs import Verb
from sessions_api.host_logins.owners import Owner
from sessions_api.host_logins.store import Login, Store
from sessions_api.kit import clock, etags
from sessions_api.kit.db import Database, notify
from sessions_api.kit.errors import Conflict, Invalid, NotFound
from sessions_api.kit.ids import new_id
from sessions_api.kit.paging import Paging
from sessions_api.kit.sealing import Sealer, reseal_all
from sessions_api.projects import service as projects

MOST = 50
"""Logins of a kind that a person or a project can have."""


class HostLogins(Generic[Login]):
    """The logins of one kind.

    Args:
        noun: what sentences call one of them (`git login`).
        check: a host as it is kept, from what was typed; raises Invalid for what is none.
    """

    def __init__(self, table: type[Login], *, noun: str, check: Callable[[str], str]) -> None:
        self._store = Store(table)
        self._noun = noun
        self._check = check

    async def listing(self, db: AsyncSession, owner: Owner) -> Sequence[Login]:
        """All of a person or a project, by host; at most `MOST`."""
        return await self._store.listing(db, owner)

    async def page(self, db: AsyncSession, owner: Owner, paging: Paging) -> Sequence[Login]:
        """Some by host, one more than asked for if there is."""
        return await self._store.page(db, owner, paging)

    async def get(self, db: AsyncSession, owner: Owner, host_or_id: str) -> Login:
        """One of them.

        Raises:
            NotFound: the owner has none of that host or id.
        """
        return self._found(await self._store.get(db, owner, host_or_id), owner, host_or_id)

    async def add(
        self, db: AsyncSession, owner: Owner, *, host: str, username: str, secret: SecretStr, sealer: Sealer
    ) -> Login:
        """Adds one; launches use it from now on.

        Raises:
            Forbidden: only editors add logins of a project.
            Invalid: the host is none, or has a login already.
            Conflict: there are as many as there can be.
            NoKey: the installation keeps no secrets.
        """
        owner.require_change()
        if owner.access is not None:
            await projects.lock(db, owner.access)
        checked = self._check(host)
        if await self._store.get(db, owner, checked) is not None:
            raise Invalid.field(
                "host",
                f"{owner.words} has a {self._noun} for {checked} already; change that one.",
                code="host_taken",
            )
        if await self._store.count(db, owner) >= MOST:
            raise Conflict(
                f"{owner.words} has {MOST} {self._noun}s, which is the most.",
                code=f"too_many_{self._noun.replace(' ', '_')}s",
                hint="Remove one that is not needed.",
            )
        now = clock.now()
        added = self._store.table(
            id=new_id(),
            project_id=owner.project_id,
            person=owner.person,
            host=checked,
            username=username,
            sealed=sealer.seal(secret.get_secret_value()),
            created_by=owner.viewer.name,
            created_at=now,
            updated_at=now,
            revision=1,
        )
        db.add(added)
        self._record(db, owner, "put", added, fields=["username", "value"])
        await _kept(db, owner)
        return added

    async def change(
        self,
        db: AsyncSession,
        owner: Owner,
        host_or_id: str,
        *,
        sealer: Sealer,
        username: str | None = None,
        secret: SecretStr | None = None,
        if_match: str | None = None,
    ) -> Login:
        """Changes what is given; launches use it from now on.

        Raises:
            Forbidden: only editors change logins of a project.
            NotFound: the owner has none of that host or id.
            Stale: it was changed since `if_match`.
            NoKey: the installation keeps no secrets.
        """
        owner.require_change()
        login = await self._held(db, owner, host_or_id, if_match)
        before = audit.state(login)
        if username is not None:
            login.username = username
        if secret is not None:
            login.sealed = sealer.seal(secret.get_secret_value())
        login.updated_at = clock.now()
        login.revision += 1
        self._record(db, owner, "put", login, fields=audit.changed(login, before))
        await _kept(db, owner)
        return login

    async def remove(
        self, db: AsyncSession, owner: Owner, host_or_id: str, *, if_match: str | None = None
    ) -> None:
        """Forgets one; sessions that run go on with what they have of it.

        Raises:
            Forbidden: only editors remove logins of a project.
            NotFound: the owner has none of that host or id.
            Stale: it was changed since `if_match`.
        """
        owner.require_change()
        login = await self._held(db, owner, host_or_id, if_match)
        await self._store.remove(db, login.id)
        self._record(db, owner, "remove", login)
        await _kept(db, owner)

    async def forget(self, db: AsyncSession, project_id: str) -> None:
        """Deletes all of a project that is being removed."""
        await self._store.remove_all(db, project_id)

    async def usable(
        self, db: AsyncSession, project_id: str, person: str, groups: Collection[str] = ()
    ) -> Sequence[Login] | None:
        """What a member's launch of a project may use, the person's and the project's; None: no member."""
        if not await projects.is_member(db, project_id, person, groups):
            return None
        return await self._store.usable(db, person, project_id)

    async def reseal(self, database: Database, sealer: Sealer) -> int:
        """Encrypts with the first key what is encrypted with another; says how many."""
        return await reseal_all(database, sealer, self._store.sealed_after, self._store.replace_sealed)

    def _record(self, db: AsyncSession, owner: Owner, done: str, login: Login, **details: Any) -> None:
        verb = Verb(f"{self._noun.replace(' ', '_')}.{done}")
        project = owner.access.project if owner.access else None
        audit.record(db, owner.viewer, verb, login.host, thing=login.id, project=project, **details)

    async def _held(self, db: AsyncSession, owner: Owner, host_or_id: str, if_match: str | None) -> Login:
        login = self._found(await self._store.get(db, owner, host_or_id, locked=True), owner, host_or_id)
        etags.require(if_match, login.revision, f"The {self._noun} of {login.host}")
        return login

    def _found(self, login: Login | None, owner: Owner, host_or_id: str) -> Login:
        if login is None:
            raise NotFound(f"{owner.words} has no {self._noun} for {host_or_id}.")
        return login


async def _kept(db: AsyncSession, owner: Owner) -> None:
    await db.flush()
    if owner.project_id is not None:
        notify(db, projects.topic(owner.project_id))
