"""Pages on which a session is copied into another project: where to, what comes along, and then the copy."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments.dependencies import kinds_here
from sessions_api.kit.errors import Forbidden
from sessions_api.kit.paging import MOST, Paging
from sessions_api.kit.repeats import RepeatableForm
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects import service as projects
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.service import Access
from sessions_api.rights.policy import CONFIGURE
from sessions_api.runs import present as run_present
from sessions_api.sessions import copying, service
from sessions_api.sessions.copying import Plan
from sessions_api.sessions.schemas_copying import SessionCopy
from sessions_api.sessions.tables import Session
from sessions_api.sessions.views import CopyPage
from sessions_api.web import forms
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.render import page, see_other

router = APIRouter(route_class=RepeatableForm)

SessionName = Annotated[str, Path(max_length=80)]
LABELS = {"project": "Project", "name": "Name"}


async def _copy_page(
    request: Request,
    db: AsyncSession,
    access: Access,
    session: Session,
    *,
    form: Form,
    plan: Plan | None = None,
) -> Response:
    seen = await projects.listing(db, access.viewer, Paging(limit=MOST))
    view = CopyPage(
        name=session.name,
        crumbs=run_present.crumbs(access.project, session.name),
        projects=tuple(
            (each.project.slug, each.project.name)
            for each in seen
            if each.may(CONFIGURE) and each.project.id != access.project.id
        ),
        target=plan.target.project.name if plan else "",
        left_out=plan.left_out if plan else (),
        back=run_present.card_path(access.project, session),
    )
    return page(request, "sessions/copy.html", status=form.status, view=view, form=form)


@router.get("/{session}/copy")
async def ask_copy(
    request: Request,
    db: Reading,
    access: PageProject,
    session: SessionName,
    project: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """Asks where to, and then says what comes along; nothing is copied yet."""
    found = await service.get(db, access, session)
    if not project:
        return await _copy_page(request, db, access, found, form=Form())
    form = Form({"project": [project]})
    try:
        plan = await copying.plan(db, access, found, project)
    except (*REFUSALS, Forbidden) as error:
        return await _copy_page(request, db, access, found, form=form.refused(error, LABELS))
    chosen = Form({"project": [plan.target.project.slug], "name": [plan.name]})
    return await _copy_page(request, db, access, found, form=chosen, plan=plan)


@router.post("/{session}/copy")
async def copy(request: Request, db: Writing, access: FormProject, session: SessionName) -> Response:
    """Copies the session; the copy is configured next."""
    form = await forms.read(request)
    found = await service.get(db, access, session)
    plan: Plan | None = None
    try:
        async with db.begin_nested():
            body = SessionCopy.model_validate({"project": "", **form.given("project", "name")})
            plan = await copying.plan(db, access, found, body.project)
            _, copied = await copying.copy(
                db, access, found, body.project, name=body.name, kinds=kinds_here(request)
            )
    except (*REFUSALS, Forbidden) as error:
        return await _copy_page(request, db, access, found, form=form.refused(error, LABELS), plan=plan)
    return see_other(f"{run_present.session_path(plan.target.project, copied)}/configure")
