"""Pages of sessions: adding, configuring, copying and removing them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import service as environments
from sessions_api.environments.present import offers
from sessions_api.kit import clock
from sessions_api.kit.etags import etag
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.viewer import Role
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.service import Access
from sessions_api.repositories import service as repositories
from sessions_api.runs import present as run_present
from sessions_api.runs import service as runs
from sessions_api.runs.schemas import Overrides
from sessions_api.runs.shell import SHELL
from sessions_api.sessions import configuration, service
from sessions_api.sessions.schemas import SessionChange, SessionCreate
from sessions_api.sessions.tables import Session
from sessions_api.sessions.views import ConfigurePage
from sessions_api.storages import service as storages
from sessions_api.web import forms, words
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.parts import Action, Confirm, Crumb
from sessions_api.web.render import page, see_other

router = APIRouter(prefix="/projects/{slug}/sessions", include_in_schema=False, dependencies=SHELL)

SessionName = Annotated[str, Path(max_length=80)]

ENFORCED = "What it may use at most. Empty is no limit of its own."
OWN_COMPUTER = (
    "Told to the session as CPU_LIMIT and MEM_LIMIT. On this computer nothing holds it to them; "
    "on a cluster they are limits."
)


async def _add_page(request: Request, db: AsyncSession, access: Access, form: Form) -> Response:
    return page(
        request,
        "sessions/add.html",
        status=form.status,
        crumbs=run_present.crumbs(access.project, "Add session"),
        project=access.project.name,
        offers=await offers(db),
        back=run_present.project_path(access.project),
        form=form,
    )


@router.get("/add")
async def ask_add(request: Request, db: Reading, access: PageProject) -> Response:
    """The environments that can become a session."""
    access.require(Role.EDITOR)
    return await _add_page(request, db, access, Form())


@router.post("/add")
async def add(request: Request, db: Writing, access: FormProject) -> Response:
    """Adds an environment as a session, and starts it when that was pressed."""
    form = await forms.read(request)
    try:
        async with db.begin_nested():
            body = SessionCreate.model_validate(form.given("environment"))
            session = await service.add(db, access, environment=body.environment)
            if form.value("then") == "start":
                run = await runs.start(db, access, session, Overrides())
                return see_other(f"/runs/{run.id}")
    except REFUSALS as error:
        refused = form.refused(error, {"environment": "Environment"})
        return await _add_page(request, db, access, refused)
    return see_other(f"{run_present.project_path(access.project)}#session-{session.slug}")


async def _view(request: Request, db: AsyncSession, access: Access, session: Session) -> ConfigurePage:
    environment = (await environments.by_ids(db, [session.environment_id]))[session.environment_id]
    versions = await environments.versions(db, environment.id)
    pinned = next(each for each in versions if each.id == session.version_id)
    run = (await runs.latest(db, access.viewer.name, [session.id])).get(session.id)
    default = await service.default_of(db, access)
    now = clock.now()
    state = run_present.status(run, now)
    notes = {
        "running": "It runs with what it was started with. Changes take effect on the next start.",
        "launching": "It launches with what it was started with. Changes take effect on the next start.",
        "paused": "Resume brings back what it was started with. Changes take effect on the next start.",
    }
    return ConfigurePage(
        name=session.name,
        crumbs=run_present.crumbs(access.project, session.name),
        status=state,
        note=notes.get(state.state, "Changes take effect on the next start."),
        revision=session.revision,
        default=session.is_default,
        default_now=default.name if default and default.id != session.id else "",
        environment=Crumb(environment.name, f"/environments/{environment.slug}"),
        versions=tuple(
            (each.number, f"{each.number}, newest" if each is versions[0] else str(each.number))
            for each in versions
        ),
        digest=pinned.digest,
        resources_note=OWN_COMPUTER if request.app.state.settings.laptop else ENFORCED,
        repositories=configuration.mounts(await repositories.listing(db, access.project.id)),
        storages=configuration.folders(await storages.listing(db, access.project.id)),
        changed=f"Last changed {words.ago(session.updated_at, now)}",
        back=run_present.project_path(access.project),
    )


def _configure_page(request: Request, view: ConfigurePage, form: Form) -> Response:
    return page(
        request,
        "sessions/configure.html",
        status=form.status,
        view=view,
        form=form,
        variables=configuration.rows(form),
    )


@router.get("/{session}/configure")
async def ask_configure(request: Request, db: Reading, access: PageProject, session: SessionName) -> Response:
    """A session's configuration as a form."""
    access.require(Role.EDITOR)
    found = await service.get(db, access, session)
    view = await _view(request, db, access, found)
    pinned = await environments.version(db, found.version_id)
    return _configure_page(request, view, configuration.filled(found, pinned.number))


@router.post("/{session}/configure")
async def configure(request: Request, db: Writing, access: FormProject, session: SessionName) -> Response:
    """Saves a session's configuration; adding and removing a row of variables only shows the form again."""
    access.require(Role.EDITOR)
    form = await forms.read(request)
    view = await _view(request, db, access, await service.get(db, access, session))
    edited = configuration.edited(form)
    if edited is not None:
        return _configure_page(request, view, edited)
    labels = configuration.labels(form, view)
    inputs: dict[str, str] = {}
    try:
        async with db.begin_nested():
            sent, inputs = configuration.body(form)
            body = SessionChange.model_validate(sent)
            await service.change(db, access, session, if_match=etag(_revision(form, view)), **body.given())
    except REFUSALS as error:
        return _configure_page(request, view, form.refused(error, labels, inputs))
    return see_other(f"{view.back}#session-{session}")


def _revision(form: Form, view: ConfigurePage) -> int:
    sent = form.value("revision")
    return int(sent) if sent.isdecimal() else view.revision


async def _change(db: AsyncSession, access: Access, session: str, **changes: Any) -> Response:
    changed = await service.change(db, access, session, **changes)
    return see_other(f"{run_present.project_path(access.project)}#session-{changed.slug}")


@router.post("/{session}/default")
async def make_default(db: Writing, access: FormProject, session: SessionName) -> Response:
    """Makes the session the one that Start session starts."""
    return await _change(db, access, session, default=True)


@router.post("/{session}/version")
async def update(request: Request, db: Writing, access: FormProject, session: SessionName) -> Response:
    """Pins the session to another version of its environment."""
    form = await forms.read(request)
    try:
        body = SessionChange.model_validate(form.given("version"))
    except ValidationError:
        return see_other(f"{run_present.project_path(access.project)}/sessions/{session}/configure")
    return await _change(db, access, session, **body.given())


@router.post("/{session}/duplicate")
async def duplicate(db: Writing, access: FormProject, session: SessionName) -> Response:
    """Adds a copy, which is configured next."""
    copy = await service.duplicate(db, access, session)
    return see_other(f"{run_present.session_path(access.project, copy)}/configure")


@router.get("/{session}/remove")
async def ask_remove(request: Request, db: Reading, access: PageProject, session: SessionName) -> Response:
    """Says what a removal takes away, and from whom."""
    access.require(Role.EDITOR)
    found = await service.get(db, access, session)
    live = await runs.held_of_session(db, found.id)
    people = words.listed(tuple(sorted({run.person for run in live})))
    lines = ["The session and its configuration go away for everyone in the project. The environment stays."]
    if live:
        lines.append(
            f"It is live for {people}: {'that run is' if len(live) == 1 else 'those runs are'} stopped first."
        )
    confirm = Confirm(
        title=f"Remove {found.name}?",
        crumbs=run_present.crumbs(access.project, found.name),
        lines=tuple(lines),
        do=Action(
            f"Stop {words.count(len(live), 'run')} and remove" if live else f"Remove {found.name}",
            request.url.path,
            "trash",
            post=True,
            danger=True,
        ),
        back=run_present.project_path(access.project),
        keep="Keep it",
    )
    return page(request, "confirm.html", confirm=confirm)


@router.post("/{session}/remove")
async def remove(db: Writing, access: FormProject, session: SessionName) -> Response:
    """Stops everybody's runs of a session and removes it."""
    removed = await service.remove(db, access, session)
    await runs.stop_all_of_session(db, removed.id)
    return see_other(run_present.project_path(access.project))
