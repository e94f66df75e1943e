"""Pages of a project's members."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects import service
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.present import part_path
from sessions_api.projects.schemas import MemberChange, MemberCreate
from sessions_api.projects.service import Access
from sessions_api.projects.views import PartForm
from sessions_api.rights.policy import GOVERN
from sessions_api.runs.present import crumbs, project_path
from sessions_api.runs.shell import SHELL
from sessions_api.web import forms
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.parts import Action, Confirm
from sessions_api.web.render import page, see_other

router = APIRouter(prefix="/projects/{slug}/members", include_in_schema=False, dependencies=SHELL)

Person = Annotated[str, Path(max_length=255)]
NEW = (
    "Members log in with the user name that JupyterHub knows them by. Who has never logged in here is a "
    "member from their first login on."
)
LABELS = {"person": "User name", "role": "Role"}


def _form_page(request: Request, access: Access, form: Form, person: str = "") -> Response:
    base = project_path(access.project)
    leaves = person == access.viewer.name
    view = PartForm(
        title=person or "Add member",
        crumbs=crumbs(access.project, person or "Add member"),
        note="" if person else NEW,
        refused="Not saved" if person else "Not added",
        do="Save" if person else "Add member",
        back=base,
        remove=Action(
            "Leave…" if leaves else "Remove…",
            part_path(base, "members", person, "remove"),
            "trash",
            ask=True,
            danger=True,
        )
        if person
        else None,
    )
    return page(request, "members/form.html", status=form.status, view=view, form=form, person=person)


@router.get("/add")
async def ask_add(request: Request, access: PageProject) -> Response:
    """The form of a new member."""
    access.require(GOVERN)
    return _form_page(request, access, Form())


@router.post("/add")
async def add(request: Request, db: Writing, access: FormProject) -> Response:
    """Makes a person a member."""
    form = await forms.read(request)
    try:
        async with db.begin_nested():
            body = MemberCreate.model_validate({"person": "", **form.given("person", "role")})
            await service.add_member(db, access, person=body.person, role=body.role)
    except REFUSALS as error:
        return _form_page(request, access, form.refused(error, LABELS))
    return see_other(project_path(access.project))


@router.get("/{person}/edit")
async def ask_change(request: Request, db: Reading, access: PageProject, person: Person) -> Response:
    """A member's role; who is no owner can only leave."""
    if not access.may(GOVERN) and person == access.viewer.name:
        return see_other(part_path(project_path(access.project), "members", person, "remove"))
    access.require(GOVERN)
    member = await service.member(db, access, person)
    return _form_page(request, access, Form({"role": [member.role]}), person)


@router.post("/{person}/edit")
async def change(request: Request, db: Writing, access: FormProject, person: Person) -> Response:
    """Gives a member another role."""
    form = await forms.read(request)
    try:
        async with db.begin_nested():
            body = MemberChange.model_validate(form.given("role"))
            await service.change_member(db, access, person, role=body.role)
    except REFUSALS as error:
        return _form_page(request, access, form.refused(error, LABELS), person)
    return see_other(project_path(access.project))


@router.get("/{person}/remove")
async def ask_remove(request: Request, db: Reading, access: PageProject, person: Person) -> Response:
    """Says what a person loses."""
    member = await service.member(db, access, person)
    name = access.project.name
    leaves = member.person == access.viewer.name
    if not leaves:
        access.require(GOVERN)
    who, whom = ("You", "you") if leaves else ("They", "them")
    if access.project.visibility == "public":
        line = f"{who} can still see it and start its sessions, because it is public."
    else:
        line = f"{who} no longer see the project. An owner can add {whom} again."
    confirm = Confirm(
        title=f"Leave {name}?" if leaves else f"Remove {person} from {name}?",
        crumbs=crumbs(access.project, person),
        lines=(line,),
        do=Action(
            f"Leave {name}" if leaves else f"Remove {person}",
            part_path(project_path(access.project), "members", person, "remove"),
            "trash",
            post=True,
            danger=True,
        ),
        back=project_path(access.project),
        keep="Stay" if leaves else "Keep",
    )
    return page(request, "confirm.html", confirm=confirm)


@router.post("/{person}/remove")
async def remove(db: Writing, access: FormProject, person: Person) -> Response:
    """Takes a person out of the project."""
    await service.remove_member(db, access, person)
    return see_other("/projects" if person == access.viewer.name else project_path(access.project))
