"""The page on which a person says at what times a session of theirs starts and pauses."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit import clock
from sessions_api.kit.etags import etag
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.service import Access
from sessions_api.rights.policy import CONFIGURE
from sessions_api.runs.present import card_path, crumbs, session_path
from sessions_api.runs.shell import SHELL
from sessions_api.sessions import service as sessions
from sessions_api.sessions.tables import Session
from sessions_api.timetables import moments, present, service
from sessions_api.timetables.outcomes import Outcome
from sessions_api.timetables.schemas import DAYS, TimetablePut
from sessions_api.timetables.views import TimesPage
from sessions_api.web import forms
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.render import page, see_other

router = APIRouter(
    prefix="/projects/{slug}/sessions/{session}/times", include_in_schema=False, dependencies=SHELL
)

SessionName = Annotated[str, Path(max_length=80)]
UNKNOWN = ""
"""The time zone of who has not said one: the script says the browser's."""
INPUTS = {f"{what}.{part}": f"{what}_{part}" for what in ("start", "pause") for part in ("at", "days")}
LABELS = {
    "start_at": "Start at",
    "start_days": "Days of the start",
    "pause_at": "Pause at",
    "pause_days": "Days of the pause",
    "zone": "Time zone",
}


async def _show(
    request: Request, db: AsyncSession, access: Access, session: Session, form: Form | None = None
) -> Response:
    whole = (await service.of_sessions(db, access.viewer.name, [session.id])).get(session.id)
    base = session_path(access.project, session)
    entries = (whole.start, whole.pause) if whole else ()
    told = [Outcome.model_validate(entry.told) for entry in entries if entry is not None and entry.told]
    editor = access.may(CONFIGURE)
    view = TimesPage(
        name=session.name,
        crumbs=crumbs(access.project, session.name),
        parts=present.PARTS,
        days=tuple(zip(DAYS, present.NAMES, strict=True)),
        zones=moments.zones(),
        revision=whole.timetable.revision if whole else 0,
        next=present.upcoming(whole, clock.now()),
        last=tuple(present.hint(each, base, editor=editor) for each in told if each.sentence),
        back=card_path(access.project, session),
    )
    form = form or present.form(whole, UNKNOWN)
    return page(request, "sessions/times.html", status=form.status, view=view, form=form)


@router.get("")
async def ask(request: Request, db: Reading, access: PageProject, session: SessionName) -> Response:
    """The viewer's times of a session, as a form."""
    return await _show(request, db, access, await sessions.get(db, access, session))


@router.post("")
async def put(request: Request, db: Writing, access: FormProject, session: SessionName) -> Response:
    """Saves them; without any, there are none."""
    found = await sessions.get(db, access, session)
    form = await forms.read(request)
    body = present.sent(form)
    revision = form.value("revision")
    based = etag(int(revision)) if revision.isdecimal() else None
    try:
        async with db.begin_nested():
            if len(body) == 1:
                await _remove(db, access, found, based)
            else:
                wanted = TimetablePut.model_validate(body)
                await service.put(db, access, found, zone=wanted.zone, times=wanted.times, if_match=based)
    except REFUSALS as error:
        return await _show(request, db, access, found, form.refused(error, LABELS, INPUTS))
    return see_other(card_path(access.project, found))


async def _remove(db: AsyncSession, access: Access, session: Session, based: str | None) -> None:
    if await service.of_sessions(db, access.viewer.name, [session.id]):
        await service.remove(db, access, session, if_match=based)
