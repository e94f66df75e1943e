"""The transaction of a request: one, opened for its route and kept before the answer leaves."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.db import Database
from sessions_api.kit.repeats import reserve


def database(request: Request) -> Database:
    """The application's database."""
    found = request.app.state.database
    assert isinstance(found, Database)  # noqa: S101 - create_app puts it there
    return found


def identified(request: Request) -> None:
    """Says that who asks is known: a program, whose secret nobody else is to be shown."""
    request.state.identified = True


async def _identified(request: Request) -> None:
    """Whatever the application does to find out who asks is done before there is a transaction."""
    identify = getattr(request.app.state, "identify", None)
    if identify is not None and not getattr(request.state, "identified", False):
        await identify(request)


_Identified = Annotated[None, Depends(_identified)]


async def _reading(request: Request, _: _Identified) -> AsyncIterator[AsyncSession]:
    async with database(request).read() as session:
        yield session


async def _writing(request: Request, _: _Identified) -> AsyncIterator[AsyncSession]:
    async with database(request).write() as session:
        await reserve(request, session)
        yield session


Reading = Annotated[AsyncSession, Depends(_reading, scope="function")]
"""For routes that change nothing."""
Writing = Annotated[AsyncSession, Depends(_writing, scope="function")]
"""For routes that change something: kept when the route returns, undone when it raises."""
