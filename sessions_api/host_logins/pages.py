"""Pages of logins of hosts, a person's own and a project's. What is sealed goes in and is never shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.host_logins import dependencies
from sessions_api.host_logins.kinds import Kind
from sessions_api.host_logins.owners import Owner
from sessions_api.host_logins.present import confirm, form_view, rows
from sessions_api.host_logins.tables import HostLogin
from sessions_api.kit.errors import NotFound
from sessions_api.kit.etags import etag
from sessions_api.kit.sealing import Sealer
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.runs.shell import SHELL
from sessions_api.secrets.dependencies import Sealing
from sessions_api.web import forms
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.render import page, see_other

HostOrId = Annotated[str, Path(max_length=300)]
Wanted = Annotated[str, Query(max_length=300)]


def routers(kind: Kind) -> APIRouter:
    """The forms of a kind of logins, the viewer's own and a project's."""
    both = APIRouter(include_in_schema=False)
    both.include_router(_pages(kind, f"/me/{kind.path}", dependencies.page_own, dependencies.page_own))
    both.include_router(
        _pages(kind, f"/projects/{{slug}}/{kind.path}", dependencies.page_read, dependencies.page_write)
    )
    return both


async def list_page(request: Request, db: AsyncSession, kind: Kind, owner: Owner, *, intro: str) -> Response:
    """The viewer's own; `intro` says what they are for."""
    found = await kind.logins.listing(db, owner)
    return page(
        request,
        "host_logins/list.html",
        kind=kind,
        rows=rows(kind, owner, found),
        intro=intro,
        add=owner.path(kind.path) + "/add",
    )


def _form_page(
    request: Request, kind: Kind, owner: Owner, form: Form, login: HostLogin | None = None
) -> Response:
    shown = replace(form, values={name: value for name, value in form.values.items() if name != kind.secret})
    hint = "Enter it again: it was not kept with the rest of the form." if form.errors else ""
    return page(
        request,
        kind.form,
        status=form.status,
        view=form_view(kind, owner, login),
        form=shown,
        change=login is not None,
        again=hint,
    )


async def _add(db: AsyncSession, kind: Kind, owner: Owner, form: Form, sealer: Sealer) -> None:
    sent = dict.fromkeys(kind.required, "") | {kind.secret: form.value(kind.secret)}
    body: Any = kind.create.model_validate(sent | form.given("host", "username"))
    secret = getattr(body, kind.secret)
    await kind.logins.add(db, owner, host=body.host, username=body.username, secret=secret, sealer=sealer)


async def _change(
    db: AsyncSession, kind: Kind, owner: Owner, login: str, form: Form, *, sealer: Sealer
) -> None:
    body: Any = kind.change.model_validate(form.given("username", kind.secret))
    revision = form.value("revision")
    await kind.logins.change(
        db,
        owner,
        login,
        sealer=sealer,
        username=body.username,
        secret=getattr(body, kind.secret),
        if_match=etag(int(revision)) if revision.isdecimal() else None,
    )


def _pages(kind: Kind, prefix: str, reads: Callable[..., Any], writes: Callable[..., Any]) -> APIRouter:
    """The forms of somebody's logins; `reads` and `writes` say whose."""
    router = APIRouter(prefix=prefix, include_in_schema=False, dependencies=SHELL)

    @router.get("/add")
    async def ask_add(
        request: Request, db: Reading, host: Wanted = "", owner: Owner = Depends(reads)
    ) -> Response:
        """The form of a new login, or of the one that is there for `host`."""
        owner.require_change()
        try:
            present = await kind.logins.get(db, owner, host)
        except NotFound:
            return _form_page(request, kind, owner, Form({"host": [host]}))
        return see_other(f"{owner.path(kind.path)}/{present.id}/edit")

    @router.post("/add")
    async def add(request: Request, db: Writing, sealer: Sealing, owner: Owner = Depends(writes)) -> Response:
        """Adds a login."""
        owner.require_change()
        form = await forms.read(request)
        try:
            async with db.begin_nested():
                await _add(db, kind, owner, form, sealer)
        except REFUSALS as error:
            return _form_page(request, kind, owner, form.refused(error, kind.labels))
        return see_other(owner.page(kind.path))

    @router.get("/{login}/edit")
    async def ask_change(
        request: Request, db: Reading, login: HostOrId, owner: Owner = Depends(reads)
    ) -> Response:
        """A login as a form, without what is sealed."""
        owner.require_change()
        found = await kind.logins.get(db, owner, login)
        values = {"username": [found.username], "revision": [str(found.revision)]}
        return _form_page(request, kind, owner, Form(values), found)

    @router.post("/{login}/edit")
    async def change(
        request: Request, db: Writing, sealer: Sealing, login: HostOrId, owner: Owner = Depends(writes)
    ) -> Response:
        """Saves a login; without a new secret, the one that it has stays."""
        form = await forms.read(request)
        found = await kind.logins.get(db, owner, login)
        try:
            async with db.begin_nested():
                await _change(db, kind, owner, login, form, sealer=sealer)
        except REFUSALS as error:
            return _form_page(request, kind, owner, form.refused(error, kind.labels), found)
        return see_other(owner.page(kind.path))

    _removal(router, kind, reads, writes)
    return router


def _removal(router: APIRouter, kind: Kind, reads: Callable[..., Any], writes: Callable[..., Any]) -> None:
    @router.get("/{login}/remove")
    async def ask_remove(
        request: Request, db: Reading, login: HostOrId, owner: Owner = Depends(reads)
    ) -> Response:
        """Says what a removal takes away."""
        owner.require_change()
        found = await kind.logins.get(db, owner, login)
        return page(request, "confirm.html", confirm=confirm(kind, owner, found, request.url.path))

    @router.post("/{login}/remove")
    async def remove(db: Writing, login: HostOrId, owner: Owner = Depends(writes)) -> Response:
        """Forgets a login."""
        await kind.logins.remove(db, owner, login)
        return see_other(owner.page(kind.path))
