"""Pages on which environments are made, changed, copied and deleted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import editing, pages_fields, pages_logins, service
from sessions_api.environments.checks.verdicts import MUST_HAVE
from sessions_api.environments.dependencies import KindsHere
from sessions_api.environments.kinds import Kinds
from sessions_api.environments.making_schemas import EnvironmentChange, EnvironmentCreate, VersionCreate
from sessions_api.environments.present import PATH, crumbs, path_of
from sessions_api.environments.tables import Environment
from sessions_api.environments.views import Check, EditPage, FileNews
from sessions_api.kit.etags import etag
from sessions_api.kit.paging import Paging
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import PageViewer
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.tables import Project
from sessions_api.rights.policy import administers
from sessions_api.sessions import service as sessions
from sessions_api.web import forms
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.parts import Action, Confirm, Crumb
from sessions_api.web.render import page, see_other

router = APIRouter()

PROJECTS = 50
"""Projects that a form lists; others are named."""

SlugOrId = Annotated[str, Path(max_length=80)]


async def _projects(
    db: AsyncSession, viewer: Viewer, chosen: list[Project]
) -> tuple[tuple[tuple[str, str], ...], bool]:
    """The projects that can be chosen, those first that are; and whether there are more."""
    found = await projects.listing(db, viewer, Paging(limit=PROJECTS))
    listed = {each.slug: each.name for each in chosen}
    listed |= {each.project.slug: each.project.name for each in found[:PROJECTS]}
    return tuple(listed.items()), len(found) > PROJECTS


async def add_page(
    request: Request,
    db: AsyncSession,
    viewer: Viewer,
    form: Form,
    *,
    kinds: Kinds,
    refused: str = "Not added",
    check: Check | None = None,
    file: FileNews | None = None,
) -> Response:
    """The form of a new environment as it is filled, with what its image or file came to."""
    listed, more = await _projects(db, viewer, [])
    view = EditPage(
        title="Add environment",
        crumbs=crumbs(Crumb("Add")),
        note="It is yours, belongs to no project, and can be added to any of yours as a session.",
        path=f"{PATH}/add",
        do="Add environment",
        refused=refused,
        back=PATH,
        kinds=kinds,
        front_ends=pages_fields.front_ends(form),
        projects=listed,
        more=more,
        needs=MUST_HAVE,
        check=check,
        file=file,
    )
    return page(
        request, "environments/add.html", status=form.status, view=view, form=pages_logins.shown(form)
    )


@router.get("/add")
async def ask_add(request: Request, db: Reading, viewer: PageViewer, kinds: KindsHere) -> Response:
    """The form of a new environment."""
    form = pages_fields.blank(kinds=kinds)
    return await add_page(request, db, viewer, form, kinds=kinds)


@router.post("/add")
async def add(request: Request, db: Writing, viewer: PageViewer, kinds: KindsHere) -> Response:
    """Makes an environment with its version 1."""
    form = await forms.read(request)
    try:
        async with db.begin_nested():
            body = EnvironmentCreate.model_validate(pages_fields.create_body(form))
            made = await editing.create(db, viewer, **body.given())
    except REFUSALS as error:
        refused = pages_fields.refused(form, error)
        return await add_page(request, db, viewer, refused, kinds=kinds)
    return see_other(path_of(made))


async def edited(db: AsyncSession, viewer: Viewer, slug_or_id: str) -> Environment:
    """The environment that the viewer may edit.

    Raises:
        NotFound: there is none that the viewer sees.
        Forbidden: others edit it.
    """
    found = await service.get(db, viewer, slug_or_id)
    service.require_editor(viewer, found)
    return found


async def _successor(db: AsyncSession, viewer: Viewer, environment: Environment) -> str:
    found = (await service.around(db, viewer, [environment])).successor(environment)
    return "" if found is None else found.slug


async def _edit_page(
    request: Request, db: AsyncSession, viewer: Viewer, environment: Environment, form: Form | None = None
) -> Response:
    chosen, others = await service.shared_with(db, viewer, environment)
    listed, more = await _projects(db, viewer, chosen)
    shown = form or pages_fields.of_environment(
        environment, [each.slug for each in chosen], await _successor(db, viewer, environment)
    )
    view = EditPage(
        title=f"Edit {environment.name}",
        crumbs=crumbs(Crumb(environment.name, path_of(environment)), Crumb("Edit")),
        note="Its versions stay as they are.",
        path=f"{path_of(environment)}/edit",
        do="Save",
        refused="Not saved",
        back=path_of(environment),
        recipe=environment.recipe or "",
        projects=listed,
        unseen=others,
        more=more,
        admin=administers(viewer),
    )
    return page(
        request, "environments/edit.html", status=shown.status, view=view, form=shown, environment=environment
    )


@router.get("/{environment}/edit")
async def ask_change(request: Request, db: Reading, viewer: PageViewer, environment: SlugOrId) -> Response:
    """An environment as a form: its words, who sees it, whether it is archived."""
    return await _edit_page(request, db, viewer, await edited(db, viewer, environment))


@router.post("/{environment}/edit")
async def change(request: Request, db: Writing, viewer: PageViewer, environment: SlugOrId) -> Response:
    """Saves what is said of an environment."""
    form = await forms.read(request)
    found = await edited(db, viewer, environment)
    revision = form.value("revision")
    try:
        async with db.begin_nested():
            body = EnvironmentChange.model_validate(
                pages_fields.change_body(
                    form, found, successor=await _successor(db, viewer, found), admin=administers(viewer)
                )
            )
            if_match = etag(int(revision)) if revision.isdecimal() else None
            await editing.change(db, viewer, found.id, if_match=if_match, **body.given())
    except REFUSALS as error:
        # What was changed before the refusal is undone in the database, and has to be in the object too.
        await db.refresh(found)
        refused = pages_fields.refused(form, error)
        return await _edit_page(request, db, viewer, found, refused)
    return see_other(path_of(found))


@router.post("/{environment}/default")
async def set_default(request: Request, db: Writing, viewer: PageViewer, environment: SlugOrId) -> Response:
    """Makes it a default environment, which everyone sees, or none; for platform admins."""
    form = await forms.read(request)
    changed = await editing.change(db, viewer, environment, default=form.value("default") == "on")
    return see_other(path_of(changed))


def _back(form: Form, environment: Environment) -> str:
    """Where the form of a next version leads: to the project that it was come from, or the environment."""
    back = form.value("back")
    return back if back.startswith("/projects/") else path_of(environment)


def version_page(
    request: Request,
    environment: Environment,
    form: Form,
    *,
    kinds: Kinds,
    refused: str = "Not added",
    check: Check | None = None,
    file: FileNews | None = None,
) -> Response:
    """The form of a next version as it is filled, with what its image or file came to."""
    view = EditPage(
        title=f"New version of {environment.name}",
        crumbs=crumbs(Crumb(environment.name, path_of(environment)), Crumb("New version")),
        note="Sessions stay on the version they have until somebody updates them.",
        path=f"{path_of(environment)}/versions/add",
        do="Add version",
        refused=refused,
        back=_back(form, environment),
        kinds=kinds,
        front_ends=pages_fields.front_ends(form),
        needs=MUST_HAVE,
        check=check,
        file=file,
    )
    return page(
        request, "environments/version_add.html", status=form.status, view=view, form=pages_logins.shown(form)
    )


@router.get("/{environment}/versions/add")
async def ask_add_version(
    request: Request, db: Reading, viewer: PageViewer, kinds: KindsHere, environment: SlugOrId
) -> Response:
    """The form of the next version, filled with the newest one."""
    found = await edited(db, viewer, environment)
    form = pages_fields.of_version(await service.latest(db, found.id))
    return version_page(request, found, form, kinds=kinds)


@router.post("/{environment}/versions/add")
async def add_version(
    request: Request, db: Writing, viewer: PageViewer, kinds: KindsHere, environment: SlugOrId
) -> Response:
    """Adds the next version."""
    form = await forms.read(request)
    found = await edited(db, viewer, environment)
    try:
        async with db.begin_nested():
            body = VersionCreate.model_validate(pages_fields.version_body(form))
            await editing.add_version(db, viewer, found.id, body.content())
    except REFUSALS as error:
        refused = pages_fields.refused(form, error)
        return version_page(request, found, refused, kinds=kinds)
    return see_other(_back(form, found))


@router.post("/{environment}/duplicate")
async def duplicate(db: Writing, viewer: PageViewer, environment: SlugOrId) -> Response:
    """Makes a copy of the newest version, the viewer's own, which is described next."""
    copy = await editing.duplicate(db, viewer, await service.get(db, viewer, environment))
    return see_other(f"{path_of(copy)}/edit")


def _delete_page(request: Request, environment: Environment, form: Form) -> Response:
    path = path_of(environment)
    archive = Action("Archive instead", f"{path}/edit#archive", "lock")
    back = "The next start of Sojourn makes it again from its recipe; archive it to keep it away."
    confirm = Confirm(
        title=f"Delete {environment.name}?",
        crumbs=crumbs(Crumb(environment.name, path), Crumb("Delete")),
        lines=(
            "It goes away for everyone, with all its versions. What sessions use, or ever ran, stays.",
            *((back,) if environment.recipe else ()),
        ),
        do=Action("Delete environment", f"{path}/delete", "trash", post=True, danger=True),
        instead=None if environment.archived_at else archive,
        back=path,
        keep="Keep it",
    )
    return page(request, "environments/delete.html", status=form.status, confirm=confirm, form=form)


@router.get("/{environment}/delete")
async def ask_delete(request: Request, db: Reading, viewer: PageViewer, environment: SlugOrId) -> Response:
    """Says what a deletion takes away."""
    return _delete_page(request, await edited(db, viewer, environment), Form())


@router.post("/{environment}/delete")
async def delete(request: Request, db: Writing, viewer: PageViewer, environment: SlugOrId) -> Response:
    """Deletes an environment that nothing uses and nothing ever ran."""
    found = await edited(db, viewer, environment)
    try:
        async with db.begin_nested():
            await sessions.forget_unused(db, found.id)
            await editing.remove(db, viewer, found.id)
    except REFUSALS as error:
        return _delete_page(request, found, Form().refused(error, {}))
    return see_other(PATH)
