"""`Idempotency-Key`: a POST that is sent twice with the same key is done once and answered twice the same.

Key and answer are written in the transaction that does the work, so they are there exactly when the work is.
That transaction is a dependency of scope "function": FastAPI ends it after the route's handler has made the
answer and before the answer leaves.
"""

import hashlib
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import LargeBinary, String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit import clock
from sessions_api.kit.db import Base, Database
from sessions_api.kit.errors import Invalid

HEADER = "Idempotency-Key"
MOST = 200
KEPT = timedelta(days=1)
REPEATED_HEADERS = ("content-type", "location", "etag")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Repeat(Base):
    """A key that was used.

    Attributes:
        key: SHA-256 of who sent it and the key.
        request: SHA-256 of method, address and body.
        status: of the answer.
    """

    __tablename__ = "repeats"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


class RepeatableRoute(APIRoute):
    """A route whose POST may carry an `Idempotency-Key`."""

    def get_route_handler(self) -> Handler:
        """The route's handler behind a look at the key."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            given = request.headers.get(HEADER)
            if request.method != "POST" or given is None:
                return await handler(request)
            if not 1 <= len(given) <= MOST or not given.isprintable():
                raise Invalid.field(HEADER, f"{HEADER} has 1 to {MOST} printable characters.")
            return await _handle_once(request, handler, given)

        return handle


async def _handle_once(request: Request, handler: Handler, given: str) -> Response:
    database: Database = request.app.state.database
    who = request.headers.get("Authorization") or request.headers.get("Cookie", "")
    key = _hash(who, given)
    asked = _hash(request.method, str(request.url), (await request.body()).decode(errors="replace"))
    if (before := await _answer_of(database, key, asked)) is not None:
        return before
    repeat = Repeat(key=key, request=asked, status=0, headers={}, body=b"", created_at=clock.now())
    request.state.repeat = repeat
    try:
        answer = await handler(request)
    except IntegrityError:
        # The same key arrived twice at once and the other one was first.
        if (before := await _answer_of(database, key, asked)) is not None:
            return before
        raise
    repeat.status = answer.status_code
    repeat.headers = {name: answer.headers[name] for name in REPEATED_HEADERS if name in answer.headers}
    repeat.body = bytes(answer.body)
    return answer


async def reserve(request: Request, db: AsyncSession) -> None:
    """Writes the request's key, if it has one, into the transaction that does its work."""
    repeat = getattr(request.state, "repeat", None)
    if repeat is not None:
        await db.execute(delete(Repeat).where(Repeat.created_at < clock.now() - KEPT))
        db.add(repeat)
        await db.flush()


async def _answer_of(database: Database, key: str, asked: str) -> Response | None:
    async with database.read() as db:
        before = await db.scalar(select(Repeat).where(Repeat.key == key))
    if before is None:
        return None
    if before.request != asked:
        raise Invalid.field(HEADER, f"This {HEADER} was used for another request.", code="key_reused")
    return Response(before.body, before.status, headers=dict(before.headers))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
