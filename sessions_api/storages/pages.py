"""Pages of a project's storages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from sessions_api.kit.etags import etag
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.service import Access
from sessions_api.projects.views import PartForm
from sessions_api.rights.policy import CONFIGURE, administers
from sessions_api.runs.present import crumbs, project_path
from sessions_api.runs.shell import SHELL
from sessions_api.storages import fields, service
from sessions_api.storages.dependencies import Offered
from sessions_api.storages.fields import Way
from sessions_api.storages.offers import Offer
from sessions_api.storages.schemas import StorageChange, creates
from sessions_api.storages.specs import place_of, stays
from sessions_api.storages.tables import Storage
from sessions_api.web import forms, words
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.parts import Action, Confirm
from sessions_api.web.render import page, see_other

router = APIRouter(prefix="/projects/{slug}/storages", include_in_schema=False, dependencies=SHELL)

Folder = Annotated[str, Path(max_length=100)]


def _add_page(request: Request, access: Access, form: Form, offer: Offer) -> Response:
    view = PartForm(
        title="Add storage",
        crumbs=crumbs(access.project, "Add storage"),
        note="A folder that every session of the project sees in /work. What lies in it stays there.",
        refused="Not added",
        do="Add storage",
        back=project_path(access.project),
    )
    ways = fields.ways(offer, access.viewer)
    return _form_page(request, view, form, offer, ways=ways, admin=administers(access.viewer))


def _change_page(request: Request, access: Access, form: Form, offer: Offer, storage: Storage) -> Response:
    base, way = project_path(access.project), fields.way_of(storage)
    view = PartForm(
        title=storage.folder,
        crumbs=crumbs(access.project, storage.folder),
        note="Changes take effect on the next start of a session.",
        refused="Not saved",
        do="Save",
        back=base,
        remove=Action("Remove…", f"{base}/storages/{storage.folder}/remove", "trash", ask=True, danger=True),
    )
    place = place_of(storage) if way.value == "volume" else ""
    return _form_page(request, view, form, offer, ways=(way,), admin=administers(access.viewer), place=place)


def _form_page(
    request: Request,
    view: PartForm,
    form: Form,
    offer: Offer,
    *,
    ways: tuple[Way, ...],
    admin: bool,
    place: str = "",
) -> Response:
    below = words.listed(tuple(str(root) for root in offer.roots))
    return page(
        request,
        "storages/form.html",
        status=form.status,
        view=view,
        form=form,
        ways=ways,
        chosen=fields.chosen(form, ways),
        place=place,
        admin=admin,
        files=fields.rows(form),
        example=f"{offer.roots[0]}/data" if offer.roots else "",
        roots=f"It lies below {below}." if below else "",
    )


@router.get("/add")
async def ask_add(request: Request, access: PageProject, offer: Offered) -> Response:
    """The form of a new storage."""
    access.require(CONFIGURE)
    return _add_page(request, access, Form(), offer)


@router.post("/add")
async def add(request: Request, db: Writing, access: FormProject, offer: Offered) -> Response:
    """Adds a storage; adding and removing a row of files only shows the form again."""
    access.require(CONFIGURE)
    form = await forms.read(request)
    way = fields.chosen(form, fields.ways(offer, access.viewer))
    edited = fields.edited(form)
    if way is None or edited is not None:
        return _add_page(request, access, edited or form, offer)
    inputs: dict[str, str] = {}
    try:
        async with db.begin_nested():
            sent, inputs = fields.body(form, way)
            body = creates.validate_python({"kind": way.kind, **sent})
            await service.add(
                db,
                access,
                offer=offer,
                kind=body.kind,
                name=body.name,
                folder=body.folder,
                read_only=body.read_only,
                details=body.details(),
            )
    except REFUSALS as error:
        return _add_page(request, access, form.refused(error, fields.labels(form), inputs), offer)
    return see_other(project_path(access.project))


@router.get("/{folder}/edit")
async def ask_change(
    request: Request, db: Reading, access: PageProject, offer: Offered, folder: Folder
) -> Response:
    """A storage as a form."""
    access.require(CONFIGURE)
    found = await service.get(db, access, folder)
    return _change_page(request, access, fields.filled(found), offer, found)


@router.post("/{folder}/edit")
async def change(
    request: Request, db: Writing, access: FormProject, offer: Offered, folder: Folder
) -> Response:
    """Saves a storage; adding and removing a row of files only shows the form again."""
    access.require(CONFIGURE)
    form = await forms.read(request)
    found = await service.get(db, access, folder)
    way = fields.way_of(found)
    edited = fields.edited(form)
    if edited is not None:
        return _change_page(request, access, edited, offer, found)
    revision = form.value("revision")
    inputs: dict[str, str] = {}
    try:
        async with db.begin_nested():
            sent, inputs = fields.body(form, way)
            body = StorageChange.model_validate(_without_volume(sent, way))
            changes = body.model_dump(include={"name", "folder", "read_only"}, exclude_none=True)
            await service.change(
                db,
                access,
                folder,
                offer=offer,
                if_match=etag(int(revision)) if revision.isdecimal() else None,
                details=body.details(),
                **changes,
            )
    except REFUSALS as error:
        refused = form.refused(error, fields.labels(form), inputs)
        return _change_page(request, access, refused, offer, found)
    return see_other(project_path(access.project))


def _without_volume(sent: dict[str, object], way: Way) -> dict[str, object]:
    """A volume that Sojourn made stays as it is; the form does not show what it was made with."""
    return {name: value for name, value in sent.items() if way.value != "volume" or name != "size_gib"}


@router.get("/{folder}/remove")
async def ask_remove(request: Request, db: Reading, access: PageProject, folder: Folder) -> Response:
    """Says what a removal takes away."""
    access.require(CONFIGURE)
    found = await service.get(db, access, folder)
    left = stays(found)
    confirm = Confirm(
        title=f"Remove {found.folder}?",
        crumbs=crumbs(access.project, found.folder),
        lines=("Sessions of this project no longer see it.",),
        kept=(left,) if left else (),
        lost=() if left else (f"The files in it: {place_of(found)}",),
        do=Action(f"Remove {found.folder}", request.url.path, "trash", post=True, danger=True),
        back=project_path(access.project),
        keep="Keep it",
    )
    return page(request, "confirm.html", confirm=confirm)


@router.post("/{folder}/remove")
async def remove(db: Writing, access: FormProject, folder: Folder) -> Response:
    """Takes a storage out of the project."""
    await service.remove(db, access, folder)
    return see_other(project_path(access.project))
