"""Pages of invitations: making and taking them back, and the question that a link leads to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from sessions_api.invitations import present, service
from sessions_api.invitations.schemas import (
    MOST_DAYS,
    MOST_PEOPLE,
    PATH,
    InvitationCreate,
    link_of,
    token_in,
)
from sessions_api.invitations.views import InvitationForm, MadeInvitation
from sessions_api.kit import clock
from sessions_api.kit.repeats import FIELD
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import PageViewer
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.service import Access
from sessions_api.rights.policy import GOVERN
from sessions_api.runs.present import crumbs, project_path
from sessions_api.runs.shell import SHELL
from sessions_api.settings import Settings
from sessions_api.web import forms
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.render import page, see_other

router = APIRouter(include_in_schema=False, dependencies=SHELL)

InvitationId = Annotated[str, Path(max_length=26)]
LABELS = {"role": "Role", "note": "Whom it is for", "days": "Days", "people": "People"}
_TOLD_NOBODY = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
"""Of pages whose address or text has what an invitation's link carries."""


def _form_page(request: Request, access: Access, form: Form) -> Response:
    view = InvitationForm(
        crumbs=crumbs(access.project, "Invite by link"),
        project=access.project.name,
        back=project_path(access.project),
        most_days=MOST_DAYS,
        most_people=MOST_PEOPLE,
    )
    return page(request, "invitations/form.html", status=form.status, view=view, form=form)


@router.get("/projects/{slug}/invitations/add")
async def ask_add(request: Request, access: PageProject) -> Response:
    """The form of a new invitation."""
    access.require(GOVERN)
    return _form_page(request, access, Form())


@router.post("/projects/{slug}/invitations/add")
async def add(request: Request, db: Writing, access: FormProject) -> Response:
    """Makes an invitation and shows its link, this once; pressed twice, it is one and the same."""
    form = await forms.read(request)
    settings: Settings = request.app.state.settings
    try:
        async with db.begin_nested():
            body = InvitationCreate.model_validate(form.given("role", "note", "days", "people"))
            once = form.value(FIELD)
            parts = (access.viewer.name, access.project.id, once, body.model_dump_json()) if once else ()
            token = service.token_of(settings.cookie_secret.get_secret_value(), *parts)
            made = await service.add(
                db, access, token, role=body.role, note=body.note, days=body.days, uses=body.people
            )
    except REFUSALS as error:
        return _form_page(request, access, form.refused(error, LABELS))
    view = MadeInvitation(
        crumbs=crumbs(access.project, "Invitation"),
        link=link_of(settings.public_url, token),
        facts=present.facts(made, clock.now()),
        back=project_path(access.project),
    )
    return _told_once(page(request, "invitations/made.html", view=view))


@router.get("/projects/{slug}/invitations/{invitation}/revoke")
async def ask_revoke(
    request: Request, db: Reading, access: PageProject, invitation: InvitationId
) -> Response:
    """What an invitation is, and whether to take it back."""
    found = await service.get(db, access, invitation)
    question = present.revoking(access, found, request.url.path, clock.now())
    return page(request, "confirm.html", confirm=question)


@router.post("/projects/{slug}/invitations/{invitation}/revoke")
async def revoke(db: Writing, access: FormProject, invitation: InvitationId) -> Response:
    """Takes an invitation back."""
    await service.revoke(db, access, invitation)
    return see_other(project_path(access.project))


@router.get(PATH)
async def ask_join(
    request: Request, db: Reading, viewer: PageViewer, invitation: Annotated[str, Query(max_length=1000)] = ""
) -> Response:
    """Says what a link leads into and as what; nobody joins by looking."""
    offer = await service.look(db, viewer, invitation)
    if not offer.gives_more:
        return see_other(project_path(offer.project))
    question = present.joining(offer, PATH, invitation)
    return _told_once(page(request, "confirm.html", confirm=question))


@router.post(PATH)
async def join(request: Request, db: Writing, viewer: PageViewer) -> Response:
    """Makes the viewer a member."""
    form = await forms.read(request)
    access = await service.join(db, viewer, token_in(form.value("invitation")))
    return see_other(project_path(access.project))


def _told_once(answer: Response) -> Response:
    answer.headers.update(_TOLD_NOBODY)
    return answer
