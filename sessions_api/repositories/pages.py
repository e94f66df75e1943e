"""Pages of a project's repositories."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from sessions_api.kit.etags import etag
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.service import Access
from sessions_api.projects.views import PartForm
from sessions_api.repositories import service
from sessions_api.repositories.dependencies import RepositoryRules
from sessions_api.repositories.schemas import RepositoryChange, RepositoryCreate
from sessions_api.rights.policy import CONFIGURE
from sessions_api.runs.present import crumbs, project_path
from sessions_api.runs.shell import SHELL
from sessions_api.web import forms
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.parts import Action, Confirm
from sessions_api.web.render import page, see_other

router = APIRouter(prefix="/projects/{slug}/repositories", include_in_schema=False, dependencies=SHELL)

Folder = Annotated[str, Path(max_length=100)]
LABELS = {"url": "Git address", "ref": "Branch, tag or commit", "folder": "Folder in /work"}
LOCAL = "Also a folder of this computer, as /home/ada/repository."


def _form_page(
    request: Request, access: Access, form: Form, rules: RepositoryRules, folder: str = ""
) -> Response:
    base = project_path(access.project)
    view = PartForm(
        title=folder or "Add repository",
        crumbs=crumbs(access.project, folder or "Add repository"),
        note="Changes take effect on the next start of a session."
        if folder
        else "Every session of the project gets it from its next start on, unless it says otherwise.",
        refused="Not saved" if folder else "Not added",
        do="Save" if folder else "Add repository",
        back=base,
        remove=Action("Remove…", f"{base}/repositories/{folder}/remove", "trash", ask=True, danger=True)
        if folder
        else None,
    )
    hint = LOCAL if rules.own_computer else ""
    return page(request, "repositories/form.html", status=form.status, view=view, form=form, local=hint)


@router.get("/add")
async def ask_add(request: Request, access: PageProject, rules: RepositoryRules) -> Response:
    """The form of a new repository."""
    access.require(CONFIGURE)
    return _form_page(request, access, Form(), rules)


@router.post("/add")
async def add(request: Request, db: Writing, access: FormProject, rules: RepositoryRules) -> Response:
    """Adds a repository."""
    form = await forms.read(request)
    try:
        async with db.begin_nested():
            sent = {"url": "", **form.given("url", "ref", "folder"), "shallow": form.chosen("shallow", "on")}
            body = RepositoryCreate.model_validate(sent)
            await service.add(db, access, **body.model_dump(), rules=rules)
    except REFUSALS as error:
        return _form_page(request, access, form.refused(error, LABELS), rules)
    return see_other(project_path(access.project))


@router.get("/{folder}/edit")
async def ask_change(
    request: Request, db: Reading, access: PageProject, rules: RepositoryRules, folder: Folder
) -> Response:
    """A repository as a form."""
    access.require(CONFIGURE)
    found = await service.get(db, access, folder)
    values = {
        "url": found.url,
        "ref": found.ref or "",
        "folder": found.folder,
        "shallow": "on" if found.shallow else "",
        "revision": str(found.revision),
    }
    form = Form({name: [value] for name, value in values.items()})
    return _form_page(request, access, form, rules, found.folder)


@router.post("/{folder}/edit")
async def change(
    request: Request, db: Writing, access: FormProject, rules: RepositoryRules, folder: Folder
) -> Response:
    """Saves a repository; an empty ref is the repository's default branch."""
    form = await forms.read(request)
    revision = form.value("revision")
    try:
        async with db.begin_nested():
            sent = {
                "url": form.value("url"),
                "ref": form.value("ref").strip() or None,
                **form.given("folder"),
                "shallow": form.chosen("shallow", "on"),
            }
            body = RepositoryChange.model_validate(sent)
            changed = {**body.model_dump(exclude_none=True), "ref": body.ref}
            if_match = etag(int(revision)) if revision.isdecimal() else None
            await service.change(db, access, folder, rules=rules, if_match=if_match, **changed)
    except REFUSALS as error:
        return _form_page(request, access, form.refused(error, LABELS), rules, folder)
    return see_other(project_path(access.project))


@router.get("/{folder}/remove")
async def ask_remove(request: Request, db: Reading, access: PageProject, folder: Folder) -> Response:
    """Says what a removal takes away."""
    access.require(CONFIGURE)
    found = await service.get(db, access, folder)
    confirm = Confirm(
        title=f"Remove {found.folder}?",
        crumbs=crumbs(access.project, found.folder),
        lines=(
            "Sessions of this project no longer clone it.",
            "The repository itself stays, and so does what anybody has of it in /work.",
        ),
        do=Action(f"Remove {found.folder}", request.url.path, "trash", post=True, danger=True),
        back=project_path(access.project),
        keep="Keep it",
    )
    return page(request, "confirm.html", confirm=confirm)


@router.post("/{folder}/remove")
async def remove(db: Writing, access: FormProject, folder: Folder) -> Response:
    """Takes a repository out of the project."""
    await service.remove(db, access, folder)
    return see_other(project_path(access.project))
