"""Pages of a person's tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from sessions_api.kit import clock
from sessions_api.kit.transactions import database
from sessions_api.people.dependencies import PageViewer
from sessions_api.runs.shell import SHELL
from sessions_api.tokens import present, service
from sessions_api.tokens.schemas import TokenCreate
from sessions_api.web import forms
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.render import page, see_other

router = APIRouter(prefix=present.PATH, include_in_schema=False, dependencies=SHELL)

TokenId = Annotated[str, Path(max_length=40)]
LABELS = {"note": "What it is for", "scope": "What it may do", "days": "Days"}


@router.get("")
async def listing(request: Request, viewer: PageViewer) -> Response:
    """The viewer's tokens."""
    now = clock.now()
    rows = [present.row(token, now) for token in await service.listing(request.app.state.hub, viewer)]
    return page(request, "tokens/list.html", rows=rows, add=f"{present.PATH}/add")


def _form_page(request: Request, form: Form) -> Response:
    return page(
        request,
        "tokens/form.html",
        status=form.status,
        form=form,
        crumbs=present.crumbs("Make token"),
        may=present.MAY,
        most=request.app.state.settings.token_days,
        back=present.PATH,
    )


@router.get("/add")
async def ask_add(request: Request) -> Response:
    """The form of a new token."""
    return _form_page(request, Form())


@router.post("/add")
async def add(request: Request, viewer: PageViewer) -> Response:
    """Makes a token and shows it, this once."""
    form = await forms.read(request)
    try:
        body = TokenCreate.model_validate({"note": "", **form.given("note", "scope", "days")})
        token, itself = await service.make(
            database(request),
            request.app.state.hub,
            viewer,
            note=body.note,
            reach=service.REACHES[body.scope],
            days=body.days,
            most=request.app.state.settings.token_days,
        )
    except REFUSALS as error:
        return _form_page(request, form.refused(error, LABELS))
    answer = page(
        request,
        "tokens/made.html",
        token=itself,
        row=present.row(token, clock.now()),
        crumbs=present.crumbs(token.note),
        url=request.app.state.settings.public_url,
        back=present.PATH,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.get("/{token}/revoke")
async def ask_revoke(request: Request, viewer: PageViewer, token: TokenId) -> Response:
    """Says what ends with a token."""
    found = await service.get(request.app.state.hub, viewer, token)
    return page(request, "confirm.html", confirm=present.revoking(found))


@router.post("/{token}/revoke")
async def revoke(request: Request, viewer: PageViewer, token: TokenId) -> Response:
    """Ends a token."""
    await service.revoke(database(request), request.app.state.hub, viewer, token)
    return see_other(present.PATH)
