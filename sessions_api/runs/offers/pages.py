"""Pages on which administrators make, change, order and withdraw resource classes and pools."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.etags import etag
from sessions_api.kit.repeats import RepeatableForm
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import PageViewer
from sessions_api.people.viewer import Viewer
from sessions_api.resources import editing
from sessions_api.resources.editing import Row
from sessions_api.resources.offers import MOST
from sessions_api.resources.rows import LIMITS
from sessions_api.resources.tables import ResourceClass
from sessions_api.runs.offers import fields, present, saving
from sessions_api.runs.offers.schemas import OfferedClassCreate, OfferedPoolCreate
from sessions_api.runs.offers.views import OfferForm
from sessions_api.runs.overview import service as overview
from sessions_api.runs.overview.pages import head_of
from sessions_api.runs.overview.present import RESOURCES
from sessions_api.runs.places import free
from sessions_api.runs.shell import SHELL
from sessions_api.web import forms
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.render import page, see_other

router = APIRouter(route_class=RepeatableForm, prefix="/admin", include_in_schema=False, dependencies=SHELL)

Name = Annotated[str, Path(max_length=80)]
Kinds = Literal["resource-classes", "resource-pools"]
_KIND = {"resource-classes": "class", "resource-pools": "pool"}
_LABELS = {"class": fields.CLASS_LABELS, "pool": fields.POOL_LABELS}


@router.get("/resources")
async def resources(request: Request, db: Reading, viewer: PageViewer) -> Response:
    """All classes and pools, with what is taken of each now."""
    offers = await editing.every(db, viewer)
    taken = await overview.taken_of_classes(db, viewer)
    uses = await free.of_pools(db, viewer, offers.pools)
    classes = [(present.class_row(one, offers, taken), one.withdrawn_at) for one in offers.classes]
    pools = [(present.pool_row(use, offers), use.pool.withdrawn_at) for use in uses]
    return page(
        request,
        "admin/resources.html",
        head=await head_of(db, viewer, "Resources"),
        classes=[row for row, gone in classes if gone is None],
        pools=[row for row, gone in pools if gone is None],
        withdrawn=[("class", row) for row, gone in classes if gone is not None]
        + [("pool", row) for row, gone in pools if gone is not None],
    )


def _form_page(request: Request, kind: str, view: OfferForm, form: Form) -> Response:
    return page(
        request,
        f"admin/resource_{kind}.html",
        status=form.status,
        view=view,
        form=form,
        limits=[
            (limit, fields.LIMIT_LABELS[limit], [(name, label) for name, label in fields.KIND_LABELS.items()])
            for limit in LIMITS
        ],
    )


@router.get("/{kinds}/add")
async def ask_add(request: Request, db: Reading, viewer: PageViewer, kinds: Kinds) -> Response:
    """The form of a new class or pool."""
    kind = _KIND[kinds]
    return _form_page(request, kind, present.adding(kind, await editing.every(db, viewer)), Form())


@router.post("/{kinds}/add")
async def add(request: Request, db: Writing, viewer: PageViewer, kinds: Kinds) -> Response:
    """Makes a class or pool."""
    kind = _KIND[kinds]
    view = present.adding(kind, await editing.every(db, viewer))
    form = await forms.read(request)
    inputs: dict[str, str] = {}
    try:
        async with db.begin_nested():
            sent, inputs = _sent(kind, form)
            model = OfferedClassCreate if kind == "class" else OfferedPoolCreate
            body = model.model_validate({**sent, **form.given("slug")})
            await editing.create(db, viewer, body.fields(), slug=body.slug)
    except REFUSALS as error:
        return _form_page(request, kind, view, form.refused(error, _LABELS[kind], inputs))
    return see_other(RESOURCES)


def _sent(kind: str, form: Form) -> tuple[dict[str, Any], dict[str, str]]:
    if kind == "class":
        return fields.class_body(form)
    groups = {f"audience.groups.{number}": "groups" for number in range(MOST + 1)}
    return fields.pool_body(form), fields.POOL_INPUTS | groups


async def _own(db: AsyncSession, viewer: Viewer, kind: str, name: str) -> tuple[editing.Offers, Row]:
    offers = await editing.every(db, viewer)
    found = editing.find(offers, kind, name)
    editing.require_own(kind, found)
    return offers, found


@router.get("/{kinds}/{name}/edit")
async def ask_change(request: Request, db: Reading, viewer: PageViewer, kinds: Kinds, name: Name) -> Response:
    """A class or pool as a form."""
    kind = _KIND[kinds]
    offers, found = await _own(db, viewer, kind, name)
    form = fields.form_of(found, offers)
    return _form_page(request, kind, present.changing(kind, found, offers), form)


@router.post("/{kinds}/{name}/edit")
async def change(request: Request, db: Writing, viewer: PageViewer, kinds: Kinds, name: Name) -> Response:
    """Saves a class or pool."""
    kind = _KIND[kinds]
    offers, found = await _own(db, viewer, kind, name)
    view = present.changing(kind, found, offers)
    form = await forms.read(request)
    revision = form.value("revision")
    inputs: dict[str, str] = {}
    try:
        async with db.begin_nested():
            sent, inputs = _sent(kind, form)
            given = {"cpus": None, "memory_gib": None, **sent} if kind == "class" else sent
            if_match = etag(int(revision)) if revision.isdecimal() else None
            await saving.change(db, viewer, kind, name, if_match=if_match, **given)
    except REFUSALS as error:
        return _form_page(request, kind, view, form.refused(error, _LABELS[kind], inputs))
    return see_other(RESOURCES)


@router.post("/{kinds}/{name}/move")
async def move(request: Request, db: Writing, viewer: PageViewer, kinds: Kinds, name: Name) -> Response:
    """Gives a class or pool another place among those that were made here."""
    to = (await forms.read(request)).value("to")
    place = min(max(int(to), 1), MOST) if to.isascii() and to.isdecimal() and len(to) <= len(str(MOST)) else 1
    await saving.change(db, viewer, _KIND[kinds], name, if_match=None, position=place)
    return see_other(RESOURCES)


@router.get("/{kinds}/{name}/withdraw")
async def ask_withdraw(
    request: Request, db: Reading, viewer: PageViewer, kinds: Kinds, name: Name
) -> Response:
    """Says what a withdrawal means."""
    kind = _KIND[kinds]
    _, found = await _own(db, viewer, kind, name)
    uses = [] if isinstance(found, ResourceClass) else await free.of_pools(db, viewer, [found])
    return page(request, "confirm.html", confirm=present.withdrawing(kind, found, uses))


@router.post("/{kinds}/{name}/withdraw")
async def withdraw(db: Writing, viewer: PageViewer, kinds: Kinds, name: Name) -> Response:
    """Withdraws a class or pool."""
    await saving.withdraw(db, viewer, _KIND[kinds], name)
    return see_other(RESOURCES)


@router.post("/{kinds}/{name}/offer")
async def offer(request: Request, db: Writing, viewer: PageViewer, kinds: Kinds, name: Name) -> Response:
    """Offers a class or pool again; what does not go with the others any more comes back as a form."""
    kind = _KIND[kinds]
    try:
        async with db.begin_nested():
            await editing.offer(db, viewer, kind, name, if_match=None)
    except REFUSALS as error:
        offers, found = await _own(db, viewer, kind, name)
        refused = fields.form_of(found, offers).refused(
            error, _LABELS[kind], fields.POOL_INPUTS if kind == "pool" else {}
        )
        view = present.changing(kind, found, offers)
        return _form_page(request, kind, view, refused)
    return see_other(RESOURCES)
