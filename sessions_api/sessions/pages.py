"""Pages of sessions: configuring, copying and removing them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import present as environment_present
from sessions_api.environments import service as environments
from sessions_api.environments.dependencies import kinds_here, on_cluster
from sessions_api.environments.watching import service as watching
from sessions_api.kit import clock
from sessions_api.kit.errors import Invalid, NotFound
from sessions_api.kit.etags import etag
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.service import Access
from sessions_api.repositories import service as repositories
from sessions_api.resources import service as resources
from sessions_api.resources.tables import ResourceClass
from sessions_api.rights.policy import CONFIGURE
from sessions_api.runs import present as run_present
from sessions_api.runs import service as runs
from sessions_api.runs import wishes
from sessions_api.runs.places import free
from sessions_api.runs.shell import SHELL
from sessions_api.sessions import configuration, pages_adding, pages_copying, present, service
from sessions_api.sessions.dependencies import lifetimes_here
from sessions_api.sessions.present import Pinned
from sessions_api.sessions.schemas import SessionChange
from sessions_api.sessions.tables import Session
from sessions_api.sessions.views import ConfigurePage
from sessions_api.storages import service as storages
from sessions_api.web import forms, words
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.parts import Action, Confirm
from sessions_api.web.render import page, see_other

router = APIRouter(prefix="/projects/{slug}/sessions", include_in_schema=False, dependencies=SHELL)
router.include_router(pages_adding.router)
router.include_router(pages_copying.router)

SessionName = Annotated[str, Path(max_length=80)]

ENFORCED = "What it may use at most. Empty is no limit of its own."
OWN_COMPUTER = (
    "Told to the session as CPU_LIMIT and MEM_LIMIT. On this computer images are held to them, "
    "where podman or docker can, and packages are not; on a cluster they are limits."
)


async def _view(request: Request, db: AsyncSession, access: Access, session: Session) -> ConfigurePage:
    environment = (await environments.by_ids(db, [session.environment_id]))[session.environment_id]
    versions = await environments.versions(db, environment.id)
    run = (await runs.latest(db, access.viewer.name, [session.id])).get(session.id)
    pinned = Pinned(
        access.project,
        session,
        environment,
        next(each for each in versions if each.id == session.version_id),
        versions[0],
        (await watching.upstreams(db, versions[:1])).get(versions[0].id),
        bool(await environments.seen(db, access.viewer, [environment.id])),
        run,
    )
    default = await service.default_of(db, access)
    own = (await resources.of_sessions(db, [session])).values()
    choosable = _choosable(await resources.offered(db, access.viewer), own)
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
        environment=environment_present.crumb(environment, seen=pinned.visible),
        versions=tuple(
            (each.number, f"{each.number}, newest" if each is versions[0] else str(each.number))
            for each in (versions if pinned.open else (pinned.version,))
        ),
        digest=pinned.version.digest,
        front_ends=configuration.front_ends_of(pinned.version, session, kinds_here(request)),
        resources_note=OWN_COMPUTER if request.app.state.settings.laptop else ENFORCED,
        classes=configuration.classes(choosable, await free.of_classes(db, access.viewer, choosable)),
        classless=not await resources.classes_are_needed(db),
        disk=on_cluster(request),
        pausing=configuration.pausing(lifetimes_here(request)),
        repositories=configuration.mounts(await repositories.listing(db, access.project.id)),
        storages=configuration.folders(await storages.listing(db, access.project.id)),
        changed=f"Last changed {words.ago(session.updated_at, now)}",
        back=run_present.project_path(access.project),
        news=present.version_hints(pinned, access.viewer, editor=True),
    )


def _choosable(offered: Sequence[ResourceClass], own: Iterable[ResourceClass]) -> tuple[ResourceClass, ...]:
    """The classes that are offered, and the session's own where that was withdrawn or is for others."""
    ids = {one.id for one in offered}
    return (*offered, *(one for one in own if one.id not in ids))


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
    access.require(CONFIGURE)
    found = await service.get(db, access, session)
    view = await _view(request, db, access, found)
    pinned = await environments.version(db, found.version_id)
    own = next(iter((await resources.of_sessions(db, [found])).values()), None)
    form = configuration.filled(found, pinned, own.slug if own else "")
    return _configure_page(request, view, form)


@router.post("/{session}/configure")
async def configure(request: Request, db: Writing, access: FormProject, session: SessionName) -> Response:
    """Saves a session's configuration; adding and removing a row of variables only shows the form again."""
    access.require(CONFIGURE)
    form = await forms.read(request)
    view = await _view(request, db, access, await service.get(db, access, session))
    edited = configuration.edited(form)
    if edited is not None:
        return _configure_page(request, view, edited)
    labels = configuration.labels(form, view)
    if form.value("find"):
        return _configure_page(request, view, await _with_smallest(db, access, form, labels))
    inputs: dict[str, str] = {}
    try:
        async with db.begin_nested():
            sent, inputs = configuration.body(form)
            body = SessionChange.model_validate(sent)
            await service.change(
                db,
                access,
                session,
                kinds=kinds_here(request),
                if_match=etag(_revision(form, view)),
                **lifetimes_here(request).checked(body.given()),
            )
    except REFUSALS as error:
        return _configure_page(request, view, form.refused(error, labels, inputs))
    return see_other(f"{view.back}#session-{session}")


async def _with_smallest(db: AsyncSession, access: Access, form: Form, labels: Mapping[str, str]) -> Form:
    """The form with the smallest class that has what it says, chosen and said, and not saved yet."""
    try:
        wanted = configuration.least(form)
        return configuration.chosen(form, await resources.smallest(db, access.viewer, wanted), wanted)
    except NotFound as none:
        error = Invalid.field("least_cpus", f"{none.detail} {none.hint}")
        return form.refused(error, labels)
    except ValidationError as wrong:
        return form.refused(wrong, labels, configuration.LEAST)


def _revision(form: Form, view: ConfigurePage) -> int:
    sent = form.value("revision")
    return int(sent) if sent.isdecimal() else view.revision


async def _change(
    request: Request, db: AsyncSession, access: Access, session: str, **changes: Any
) -> Response:
    changed = await service.change(db, access, session, kinds=kinds_here(request), **changes)
    return see_other(run_present.card_path(access.project, changed))


@router.post("/{session}/default")
async def make_default(request: Request, db: Writing, access: FormProject, session: SessionName) -> Response:
    """Makes the session the one that Start session starts."""
    return await _change(request, db, access, session, default=True)


@router.post("/{session}/version")
async def update(request: Request, db: Writing, access: FormProject, session: SessionName) -> Response:
    """Pins the session to another version of its environment."""
    form = await forms.read(request)
    try:
        body = SessionChange.model_validate(form.given("version"))
    except ValidationError:
        return see_other(f"{run_present.project_path(access.project)}/sessions/{session}/configure")
    return await _change(request, db, access, session, **body.given())


@router.post("/{session}/duplicate")
async def duplicate(db: Writing, access: FormProject, session: SessionName) -> Response:
    """Adds a copy, which is configured next."""
    copy = await service.duplicate(db, access, session)
    return see_other(f"{run_present.session_path(access.project, copy)}/configure")


@router.get("/{session}/remove")
async def ask_remove(request: Request, db: Reading, access: PageProject, session: SessionName) -> Response:
    """Says what a removal takes away, and from whom."""
    access.require(CONFIGURE)
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
    await wishes.stop_all_of_session(db, removed.id)
    return see_other(run_present.project_path(access.project))
