"""Pages of the hub's groups that belong to a project."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects import groups
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.present import part_path
from sessions_api.projects.schemas import GroupForm, GroupPut
from sessions_api.projects.service import Access
from sessions_api.projects.views import PartForm
from sessions_api.rights.policy import GOVERN
from sessions_api.runs.present import crumbs, project_path
from sessions_api.runs.shell import SHELL
from sessions_api.web import forms
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.parts import Action, Confirm
from sessions_api.web.render import page, see_other

router = APIRouter(prefix="/projects/{slug}/groups", include_in_schema=False, dependencies=SHELL)

Group = Annotated[str, Path(max_length=255)]
LABELS = {"group": "Group", "role": "Role"}


def _path(access: Access, group: str, part: str) -> str:
    return part_path(project_path(access.project), "groups", group, part)


def _form_page(request: Request, access: Access, form: Form, group: str = "") -> Response:
    base = project_path(access.project)
    view = PartForm(
        title=group or "Add group",
        crumbs=crumbs(access.project, group or "Add group"),
        note="Whoever is in this group of JupyterHub has its role here, and who leaves it loses it.",
        refused="Not saved" if group else "Not added",
        do="Save" if group else "Add group",
        back=base,
        remove=Action("Remove…", _path(access, group, "remove"), "trash", ask=True, danger=True)
        if group
        else None,
    )
    return page(request, "members/group.html", status=form.status, view=view, form=form, group=group)


@router.get("/add")
async def ask_add(request: Request, access: PageProject) -> Response:
    """The form of a new group."""
    access.require(GOVERN)
    return _form_page(request, access, Form())


@router.post("/add")
async def add(request: Request, db: Writing, access: FormProject) -> Response:
    """Makes a group's people members."""
    access.require(GOVERN)
    form = await forms.read(request)
    try:
        async with db.begin_nested():
            body = GroupForm.model_validate({"group": "", **form.given("group", "role")})
            await groups.put(db, access, body.group, role=body.role)
    except REFUSALS as error:
        return _form_page(request, access, form.refused(error, LABELS))
    return see_other(project_path(access.project))


@router.get("/{group}/edit")
async def ask_change(request: Request, db: Reading, access: PageProject, group: Group) -> Response:
    """A group's role."""
    access.require(GOVERN)
    found = await groups.get(db, access, group)
    return _form_page(request, access, Form({"role": [found.role]}), group)


@router.post("/{group}/edit")
async def change(request: Request, db: Writing, access: FormProject, group: Group) -> Response:
    """Gives a group another role."""
    access.require(GOVERN)
    await groups.get(db, access, group)
    form = await forms.read(request)
    try:
        async with db.begin_nested():
            body = GroupPut.model_validate(form.given("role"))
            await groups.put(db, access, group, role=body.role)
    except REFUSALS as error:
        return _form_page(request, access, form.refused(error, LABELS), group)
    return see_other(project_path(access.project))


@router.get("/{group}/remove")
async def ask_remove(request: Request, db: Reading, access: PageProject, group: Group) -> Response:
    """Says what a group's people lose."""
    access.require(GOVERN)
    await groups.get(db, access, group)
    name = access.project.name
    confirm = Confirm(
        title=f"Remove the group {group} from {name}?",
        crumbs=crumbs(access.project, group),
        lines=("Its people keep what they have here as members by themselves or by another group.",),
        do=Action(f"Remove {group}", _path(access, group, "remove"), "trash", post=True, danger=True),
        back=project_path(access.project),
        keep="Keep",
    )
    return page(request, "confirm.html", confirm=confirm)


@router.post("/{group}/remove")
async def remove(db: Writing, access: FormProject, group: Group) -> Response:
    """Takes a group out of the project."""
    await groups.remove(db, access, group)
    return see_other(project_path(access.project))
