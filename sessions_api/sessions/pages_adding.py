"""Pages on which an environment, or an image, becomes a session of a project."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic_core import from_json
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import offering, pages_checking
from sessions_api.environments import service as environments
from sessions_api.environments.checks.check import Checked
from sessions_api.environments.checks.schemas import CheckRead
from sessions_api.environments.checks.telling import WatchedRoute
from sessions_api.environments.checks.verdicts import MUST_HAVE
from sessions_api.environments.dependencies import KindsHere, kinds_here
from sessions_api.environments.views import Check
from sessions_api.kit.errors import Invalid
from sessions_api.kit.ids import new_id
from sessions_api.kit.paging import Paged, Paging
from sessions_api.kit.repeats import FIELD, RepeatableForm
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.viewer import Viewer
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.service import Access
from sessions_api.registry.references import parse
from sessions_api.resources import service as resources
from sessions_api.rights.policy import CONFIGURE
from sessions_api.runs import present as run_present
from sessions_api.runs import starting
from sessions_api.runs.places import free
from sessions_api.runs.schemas import Overrides
from sessions_api.secrets.dependencies import Sealing
from sessions_api.sessions import configuration, service
from sessions_api.sessions.schemas import SessionCreate
from sessions_api.sessions.views import AddPage, ClassChoice, ImagePage
from sessions_api.web import forms
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.parts import Action
from sessions_api.web.render import page, see_other


class _Route(WatchedRoute, RepeatableForm):
    """A page's route whose form may carry a key, and whose check may be watched."""


router = APIRouter(route_class=_Route)

Search = Annotated[str, Query(max_length=100)]

LABELS = {
    "environment": "Environment",
    "image": "Image",
    "name": "Name",
    "visibility": "Who can see it",
    "resource_class": "Resources",
}
_INPUTS = {
    "environment.name": "name",
    "environment.visibility": "visibility",
    "environment.version": "image",
    **{f"environment.version.{name}": "image" for name in ("image", "reference", "port", "default_url")},
}
"""Which input each field of a body came from, where an environment is made with the session."""


async def _add_page(
    request: Request,
    db: AsyncSession,
    access: Access,
    form: Form,
    *,
    query: str,
    paging: Paging,
    successor: Action | None = None,
) -> Response:
    """`successor` leads to what can be added in the place of an archived environment."""
    path = f"{run_present.project_path(access.project)}/sessions/add"
    view = AddPage(
        crumbs=run_present.crumbs(access.project, "Add session"),
        project=access.project.name,
        offers=await offering.offers(
            db,
            access.viewer,
            access.project,
            path=path,
            query=query,
            paging=paging,
            kinds=kinds_here(request),
        ),
        classes=await _classes(db, access.viewer),
        path=path,
        back=run_present.project_path(access.project),
        images=kinds_here(request).images,
        successor=successor,
    )
    return page(request, "sessions/add.html", status=form.status, view=view, form=form)


async def _classes(db: AsyncSession, viewer: Viewer) -> tuple[ClassChoice, ...]:
    offered = await resources.offered(db, viewer)
    choices = configuration.classes(offered, await free.of_classes(db, viewer, offered))
    if any(one.default for one in choices) or await resources.classes_are_needed(db):
        return choices
    # Where no class is the default, a session is of none unless one is chosen.
    return (configuration.NO_CLASS, *choices) if choices else ()


@router.get("/add")
async def ask_add(
    request: Request, db: Reading, access: PageProject, paging: Paged, q: Search = ""
) -> Response:
    """The environments that can become a session."""
    access.require(CONFIGURE)
    return await _add_page(request, db, access, Form(), query=q.strip(), paging=paging)


@router.post("/add")
async def add(request: Request, db: Writing, access: FormProject, q: Search = "") -> Response:
    """Adds an environment as a session, and starts it when that was pressed."""
    form = await forms.read(request)
    try:
        async with db.begin_nested():
            return await _added(request, db, access, form, form.given("environment", "resource_class"))
    except REFUSALS as error:
        return await _add_page(
            request,
            db,
            access,
            form.refused(error, LABELS),
            query=q.strip(),
            paging=Paging(),
            successor=await _successor(db, access, error, request.url.path),
        )


async def _added(
    request: Request, db: AsyncSession, access: Access, form: Form, sent: dict[str, Any]
) -> Response:
    body = SessionCreate.model_validate(sent)
    session = await service.add(db, access, kinds=kinds_here(request), **body.given())
    if form.value("then") == "start":
        run = await starting.start(db, access, session, Overrides(), kinds=kinds_here(request))
        return see_other(f"/runs/{run.id}")
    return see_other(run_present.card_path(access.project, session))


async def _successor(db: AsyncSession, access: Access, refused: Exception, path: str) -> Action | None:
    """Adds what an archived environment's refusal names, if it names one."""
    href = refused.links.get("successor") if isinstance(refused, Invalid) else None
    if href is None:
        return None
    found = await environments.get(db, access.viewer, href.rpartition("/")[2])
    fields = (("environment", found.slug), ("then", "stay"), (FIELD, new_id()))
    return Action(f"Add {found.name} instead", path, "plus", post=True, fields=fields)


async def _image_page(
    request: Request,
    db: AsyncSession,
    access: Access,
    form: Form,
    *,
    refused: str = "Not added",
    check: Check | None = None,
) -> Response:
    base = f"{run_present.project_path(access.project)}/sessions/add"
    view = ImagePage(
        crumbs=run_present.crumbs(access.project, "Add session"),
        project=access.project.name,
        classes=await _classes(db, access.viewer),
        path=f"{base}/image",
        back=base,
        images=kinds_here(request).images,
        needs=MUST_HAVE,
        refused=refused,
        check=check,
    )
    return page(request, "sessions/add_image.html", status=form.status, view=view, form=form)


@router.get("/add/image")
async def ask_image(request: Request, db: Reading, access: PageProject) -> Response:
    """The form of a session from an image."""
    access.require(CONFIGURE)
    return await _image_page(request, db, access, Form())


@router.get("/add/image/check")
async def ask_check(access: PageProject) -> Response:
    """The form, for whoever comes here by an address instead of the button."""
    return see_other(f"{run_present.project_path(access.project)}/sessions/add/image")


@router.post("/add/image/check")
async def check_image(
    request: Request, db: Reading, access: PageProject, kinds: KindsHere, sealer: Sealing
) -> Response:
    """The same form with what a check of its image found, and with a name for a session of it."""
    access.require(CONFIGURE)
    form = await forms.read(request)
    typed = form.value("image").strip()
    kept = {name: value for name, value in form.values.items() if name not in {"checked", "version"}}
    shown: Check | None = None
    if kinds.images:
        try:
            shown, ended = await pages_checking.look(request, db, access.viewer, parse(typed), sealer=sealer)
        except Invalid as error:
            refused = Form(kept).refused(error, LABELS)
            return await _image_page(request, db, access, refused, refused="Not checked")
        if isinstance(ended, Checked) and (found := CheckRead.made(ended)).version is not None:
            # A name that was proposed for another image is none that somebody chose.
            name = form.value("name").strip()
            kept |= {
                "checked": [typed],
                "version": [json.dumps(found.version)],
                "name": [found.name if name in {"", form.value("proposed")} else name],
                "proposed": [found.name],
            }
    return await _image_page(request, db, access, Form(kept), check=shown)


@router.post("/add/image")
async def add_image(request: Request, db: Writing, access: FormProject) -> Response:
    """Makes an environment of an image that was checked, and adds it as a session: both or neither."""
    access.require(CONFIGURE)
    form = await forms.read(request)
    try:
        async with db.begin_nested():
            sent = {"environment": _new_environment(form), **form.given("resource_class")}
            return await _added(request, db, access, form, sent)
    except REFUSALS as error:
        return await _image_page(request, db, access, form.refused(error, LABELS, _INPUTS))


def _new_environment(form: Form) -> dict[str, Any]:
    """The environment as a JSON body would say it.

    Raises:
        Invalid: its image was not checked, or what the check found came back broken.
    """
    image, told = form.value("image").strip(), form.value("version")
    if not image:
        raise Invalid.field("image", "Say which image it is, and check it.")
    if not told or image != form.value("checked"):
        raise Invalid.field("image", f"The image {image} has not been checked; check it.")
    try:
        version = from_json(told)
    except ValueError as error:
        raise Invalid.field("image", "What the check found cannot be read; check it again.") from error
    return {
        "name": form.value("name"),
        "visibility": form.value("visibility", "private"),
        "version": version,
    }
