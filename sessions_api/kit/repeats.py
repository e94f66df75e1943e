"""A POST that is sent twice with the same `Idempotency-Key` is done once and answered twice the same.

A form of a page carries its key in the field `once`, made anew whenever the page is: two presses of one
button are one, and lead to the same page. Other values are another request: no key of a form is refused.

Key and answer are written in the transaction that does the work, so they are there exactly when the work is.
That transaction is a dependency of scope "function": FastAPI ends it after the route's handler has made the
answer and before the answer leaves.
"""

import hmac
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import LargeBinary, String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_object_session
from sqlalchemy.orm import Mapped, mapped_column

from sessions_api.kit import clock
from sessions_api.kit.db import Base, Database
from sessions_api.kit.errors import Invalid

HEADER = "Idempotency-Key"
FIELD = "once"
MOST = 200
KEPT = timedelta(days=1)
REPEATED_HEADERS = ("content-type", "location", "etag")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Repeat(Base):
    """A key that was used.

    Attributes:
        key: HMAC-SHA-256 of who sent it and the key.
        request: HMAC-SHA-256 of method, address and body.
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


class RepeatableForm(APIRoute):
    """A page's route whose form may carry a key."""

    def get_route_handler(self) -> Handler:
        """The route's handler behind a look at the field."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if request.method != "POST":
                return await handler(request)
            body = (await request.body()).decode(errors="replace")
            given = (await request.form()).get(FIELD)
            if not isinstance(given, str) or not given:
                return await handler(request)
            return await _handle_once(request, handler, f"{given} {request.url} {body}")

        return handle


async def _handle_once(request: Request, handler: Handler, given: str) -> Response:
    database: Database = request.app.state.database
    who = request.headers.get("Authorization") or request.headers.get("Cookie", "")
    key = _hash(request, who, given)
    asked = _hash(request, request.method, str(request.url), (await request.body()).decode(errors="replace"))
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
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        # Pages say in their answer that nothing was done: there is nothing to do once.
        await _forget(repeat)
        return answer
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


async def _forget(repeat: Repeat) -> None:
    db = async_object_session(repeat)
    if db is not None:
        await db.delete(repeat)


async def _answer_of(database: Database, key: str, asked: str) -> Response | None:
    async with database.read() as db:
        before = await db.scalar(select(Repeat).where(Repeat.key == key))
    if before is None:
        return None
    if before.request != asked:
        raise Invalid.field(HEADER, f"This {HEADER} was used for another request.", code="key_reused")
    return Response(before.body, before.status, headers=dict(before.headers))


def _hash(request: Request, *parts: str) -> str:
    # With a key: a body may hold a password, which a plain hash lets guess whoever reads the database.
    key: str = request.app.state.settings.cookie_secret.get_secret_value()
    return hmac.digest(key.encode(), "\0".join(parts).encode(), "sha256").hex()
