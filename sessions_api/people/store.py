"""SQL of logins."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.people.tables import Login


async def get(db: AsyncSession, key: str, now: datetime) -> Login | None:
    """The login of a cookie, unless its time is over."""
    return await db.scalar(select(Login).where(Login.key == key, Login.expires_at > now))


async def remove(db: AsyncSession, key: str) -> None:
    """Ends one login."""
    await db.execute(delete(Login).where(Login.key == key))


async def remove_expired(db: AsyncSession, now: datetime) -> None:
    """Ends the logins whose time is over."""
    await db.execute(delete(Login).where(Login.expires_at <= now))
