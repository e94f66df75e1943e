"""SQL of logins of hosts, the same for each kind."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, delete, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.host_logins.owners import Owner
from sessions_api.host_logins.tables import HostLogin
from sessions_api.kit.paging import Paging

Login = TypeVar("Login", bound=HostLogin)


class Store(Generic[Login]):
    """The logins of one table."""

    def __init__(self, table: type[Login]) -> None:
        self.table = table

    async def listing(self, db: AsyncSession, owner: Owner) -> Sequence[Login]:
        """All logins of a person or a project, by host."""
        found = await db.scalars(select(self.table).where(self._of(owner)).order_by(self.table.host))
        return found.all()

    async def page(self, db: AsyncSession, owner: Owner, paging: Paging) -> Sequence[Login]:
        """Logins by host, one more than asked for if there is."""
        found = await db.scalars(
            select(self.table)
            .where(self._of(owner), self.table.host > paging.after if paging.after else true())
            .order_by(self.table.host)
            .limit(paging.limit + 1)
        )
        return found.all()

    async def get(
        self, db: AsyncSession, owner: Owner, host_or_id: str, *, locked: bool = False
    ) -> Login | None:
        """One login; `locked`: held until the transaction ends."""
        query = select(self.table).where(
            self._of(owner), or_(self.table.id == host_or_id, self.table.host == host_or_id.lower())
        )
        return await db.scalar(query.with_for_update() if locked else query)

    async def count(self, db: AsyncSession, owner: Owner) -> int:
        """How many logins there are."""
        return await db.scalar(select(func.count()).where(self._of(owner))) or 0

    async def usable(self, db: AsyncSession, person: str, project_id: str) -> Sequence[Login]:
        """A person's logins and those of a project."""
        found = await db.scalars(
            select(self.table).where(or_(self.table.person == person, self.table.project_id == project_id))
        )
        return found.all()

    async def remove(self, db: AsyncSession, login_id: str) -> None:
        """Deletes a login's row."""
        await db.execute(delete(self.table).where(self.table.id == login_id))

    async def remove_all(self, db: AsyncSession, project_id: str) -> None:
        """Deletes all logins of a project."""
        await db.execute(delete(self.table).where(self.table.project_id == project_id))

    async def sealed_after(self, db: AsyncSession, after: str, most: int) -> Sequence[tuple[str, str]]:
        """Ids and what is sealed of anybody's logins, in the order of their ids."""
        found = await db.execute(
            select(self.table.id, self.table.sealed)
            .where(self.table.id > after)
            .order_by(self.table.id)
            .limit(most)
        )
        return [(row[0], row[1]) for row in found]

    async def replace_sealed(self, db: AsyncSession, login_id: str, before: str, sealed: str) -> None:
        """Replaces what is sealed, unless somebody was faster."""
        await db.execute(
            update(self.table)
            .where(self.table.id == login_id, self.table.sealed == before)
            .values(sealed=sealed)
        )

    def _of(self, owner: Owner) -> ColumnElement[bool]:
        if owner.project_id is not None:
            return self.table.project_id == owner.project_id
        return self.table.person == owner.person
