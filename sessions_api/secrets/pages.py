"""Pages of a project's secrets. A value goes in and is never shown, not even to who typed it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from sessions_api.kit.etags import etag
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.service import Access
from sessions_api.projects.views import PartForm
from sessions_api.rights.policy import CONFIGURE
from sessions_api.runs.present import crumbs, project_path
from sessions_api.runs.shell import SHELL
from sessions_api.secrets import service
from sessions_api.secrets.dependencies import Sealing
from sessions_api.secrets.schemas import SecretChange, SecretCreate
from sessions_api.secrets.service import Changes
from sessions_api.web import forms
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.parts import Action, Confirm
from sessions_api.web.render import page, see_other

router = APIRouter(prefix="/projects/{slug}/secrets", include_in_schema=False, dependencies=SHELL)

Name = Annotated[str, Path(max_length=100)]
LABELS = {"name": "Name", "value": "Value", "variable": "Environment variable"}


def _form_page(request: Request, access: Access, form: Form, name: str = "") -> Response:
    base = project_path(access.project)
    view = PartForm(
        title=name or "Add secret",
        crumbs=crumbs(access.project, name or "Add secret"),
        note="Changes take effect on the next start of a session."
        if name
        else "A text that sessions can read and nobody sees: a key, a token, a password. Sessions that "
        "members start get it, from their next start on.",
        refused="Not saved" if name else "Not added",
        do="Save" if name else "Add secret",
        back=base,
        remove=Action("Remove…", f"{base}/secrets/{name}/remove", "trash", ask=True, danger=True)
        if name
        else None,
    )
    if form.errors:
        hint = "Enter it again: it was not kept with the rest of the form."
    else:
        hint = "Left empty, it stays as it is." if name else "Kept as it is, line breaks too; at most 64 KiB."
    shown = replace(form, values={key: value for key, value in form.values.items() if key != "value"})
    return page(
        request, "secrets/form.html", status=form.status, view=view, form=shown, hint=hint, change=bool(name)
    )


def _sent(form: Form) -> dict[str, Any]:
    """The form as a JSON body would say it."""
    variable = form.value("variable").strip() or None
    return {"name": form.value("name"), "value": form.value("value"), "variable": variable}


@router.get("/add")
async def ask_add(request: Request, access: PageProject) -> Response:
    """The form of a new secret."""
    access.require(CONFIGURE)
    return _form_page(request, access, Form())


@router.post("/add")
async def add(request: Request, db: Writing, access: FormProject, sealer: Sealing) -> Response:
    """Adds a secret."""
    form = await forms.read(request)
    try:
        async with db.begin_nested():
            body = SecretCreate.model_validate(_sent(form))
            await service.add(
                db, access, name=body.name, value=body.value, variable=body.variable, sealer=sealer
            )
    except REFUSALS as error:
        return _form_page(request, access, form.refused(error, LABELS))
    return see_other(project_path(access.project))


@router.get("/{secret}/edit")
async def ask_change(request: Request, db: Reading, access: PageProject, secret: Name) -> Response:
    """A secret as a form, without its value."""
    access.require(CONFIGURE)
    found = await service.get(db, access, secret)
    values = {"name": found.name, "variable": found.variable or "", "revision": str(found.revision)}
    return _form_page(
        request, access, Form({name: [value] for name, value in values.items()}), name=found.name
    )


@router.post("/{secret}/edit")
async def change(
    request: Request, db: Writing, access: FormProject, sealer: Sealing, secret: Name
) -> Response:
    """Saves a secret; without a value, the one that it has stays."""
    form = await forms.read(request)
    revision = form.value("revision")
    sent = _sent(form)
    if not sent["value"]:
        del sent["value"]
    try:
        async with db.begin_nested():
            body = SecretChange.model_validate(sent)
            if_match = etag(int(revision)) if revision.isdecimal() else None
            given = cast("Changes", body.model_dump(exclude_unset=True))
            await service.change(db, access, secret, sealer=sealer, if_match=if_match, **given)
    except REFUSALS as error:
        return _form_page(request, access, form.refused(error, LABELS), secret)
    return see_other(project_path(access.project))


@router.get("/{secret}/remove")
async def ask_remove(request: Request, db: Reading, access: PageProject, secret: Name) -> Response:
    """Says what a removal takes away."""
    access.require(CONFIGURE)
    found = await service.get(db, access, secret)
    confirm = Confirm(
        title=f"Remove {found.name}?",
        crumbs=crumbs(access.project, found.name),
        lines=(
            "Its value is deleted, and sessions of this project start without it.",
            "Those that run keep it until they end.",
        ),
        do=Action(f"Remove {found.name}", request.url.path, "trash", post=True, danger=True),
        back=project_path(access.project),
        keep="Keep it",
    )
    return page(request, "confirm.html", confirm=confirm)


@router.post("/{secret}/remove")
async def remove(db: Writing, access: FormProject, secret: Name) -> Response:
    """Deletes a secret."""
    await service.remove(db, access, secret)
    return see_other(project_path(access.project))
