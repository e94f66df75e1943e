"""Pages of a project's storages."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from sessions_api.kit.etags import etag
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.viewer import Role
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.service import Access
from sessions_api.projects.views import PartForm
from sessions_api.runs.present import crumbs, project_path
from sessions_api.runs.shell import SHELL
from sessions_api.storages import service
from sessions_api.storages.dependencies import StorageRoots
from sessions_api.storages.schemas import StorageChange, StorageCreate
from sessions_api.web import forms, words
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.parts import Action, Confirm
from sessions_api.web.render import page, see_other

router = APIRouter(prefix="/projects/{slug}/storages", include_in_schema=False, dependencies=SHELL)

Folder = Annotated[str, Path(max_length=100)]
LABELS = {"path": "Folder of this computer", "name": "Name", "folder": "Folder in /work"}


def _form_page(
    request: Request, access: Access, form: Form, roots: StorageRoots, folder: str = ""
) -> Response:
    base = project_path(access.project)
    view = PartForm(
        title=folder or "Add storage",
        crumbs=crumbs(access.project, folder or "Add storage"),
        note="Changes take effect on the next start of a session."
        if folder
        else "A folder that every session of the project sees in /work. What lies in it stays there.",
        refused="Not saved" if folder else "Not added",
        do="Save" if folder else "Add storage",
        back=base,
        remove=Action("Remove…", f"{base}/storages/{folder}/remove", "trash", ask=True, danger=True)
        if folder
        else None,
    )
    below = words.listed(tuple(str(root) for root in roots))
    return page(
        request,
        "storages/form.html",
        status=form.status,
        view=view,
        form=form,
        example=f"{roots[0]}/data" if roots else "",
        roots=f"It lies below {below}." if below else "",
    )


def _named(form: Form) -> dict[str, str]:
    """The form's fields; without a name, the storage is called like its folder."""
    given = form.given("path", "name", "folder")
    return {"path": "", "name": PurePath(given.get("path", "")).name or "storage", **given}


@router.get("/add")
async def ask_add(request: Request, access: PageProject, roots: StorageRoots) -> Response:
    """The form of a new storage."""
    access.require(Role.EDITOR)
    return _form_page(request, access, Form(), roots)


@router.post("/add")
async def add(request: Request, db: Writing, access: FormProject, roots: StorageRoots) -> Response:
    """Adds a folder of this computer."""
    form = await forms.read(request)
    try:
        async with db.begin_nested():
            body = StorageCreate.model_validate(_named(form))
            await service.add(db, access, name=body.name, path=body.path, folder=body.folder, roots=roots)
    except REFUSALS as error:
        return _form_page(request, access, form.refused(error, LABELS), roots)
    return see_other(project_path(access.project))


@router.get("/{folder}/edit")
async def ask_change(
    request: Request, db: Reading, access: PageProject, roots: StorageRoots, folder: Folder
) -> Response:
    """A storage as a form."""
    access.require(Role.EDITOR)
    found = await service.get(db, access, folder)
    values = {
        "path": found.path,
        "name": found.name,
        "folder": found.folder,
        "revision": str(found.revision),
    }
    return _form_page(
        request, access, Form({name: [value] for name, value in values.items()}), roots, found.folder
    )


@router.post("/{folder}/edit")
async def change(
    request: Request, db: Writing, access: FormProject, roots: StorageRoots, folder: Folder
) -> Response:
    """Saves a storage."""
    form = await forms.read(request)
    revision = form.value("revision")
    try:
        async with db.begin_nested():
            body = StorageChange.model_validate(_named(form))
            if_match = etag(int(revision)) if revision.isdecimal() else None
            changed = body.model_dump(exclude_none=True)
            await service.change(db, access, folder, roots=roots, if_match=if_match, **changed)
    except REFUSALS as error:
        return _form_page(request, access, form.refused(error, LABELS), roots, folder)
    return see_other(project_path(access.project))


@router.get("/{folder}/remove")
async def ask_remove(request: Request, db: Reading, access: PageProject, folder: Folder) -> Response:
    """Says what a removal takes away."""
    access.require(Role.EDITOR)
    found = await service.get(db, access, folder)
    confirm = Confirm(
        title=f"Remove {found.folder}?",
        crumbs=crumbs(access.project, found.folder),
        lines=("Sessions of this project no longer see it. What lies in it stays where it is.",),
        kept=(found.path,),
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
