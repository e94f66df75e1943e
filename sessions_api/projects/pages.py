"""Pages of projects: the list, a project with its sessions, settings, deletion."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import offering
from sessions_api.environments.dependencies import kinds_here
from sessions_api.git_logins.present import KIND as GIT_LOGINS
from sessions_api.host_logins import present as login_present
from sessions_api.host_logins.owners import Owner
from sessions_api.invitations import present as invitation_present
from sessions_api.invitations import service as invitations
from sessions_api.kit import clock
from sessions_api.kit.etags import etag, require
from sessions_api.kit.paging import Paged, Paging
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import PageViewer
from sessions_api.projects import groups, present, service
from sessions_api.projects.dependencies import FormProject, PageProject
from sessions_api.projects.schemas import ProjectChange, ProjectCreate
from sessions_api.projects.service import Access
from sessions_api.projects.views import Panel, ProjectHead, ProjectList, ProjectPage, ProjectRow
from sessions_api.registry_logins.present import KIND as REGISTRY_LOGINS
from sessions_api.repositories import service as repositories
from sessions_api.repositories.dependencies import RepositoryRules
from sessions_api.repositories.schemas import RepositoryCreate
from sessions_api.rights.policy import CONFIGURE, GOVERN
from sessions_api.runs import present as run_present
from sessions_api.runs import service as runs
from sessions_api.runs import wishes
from sessions_api.runs.shares import present as share_present
from sessions_api.runs.shares import service as shares
from sessions_api.runs.shell import SHELL
from sessions_api.secrets import present as secret_present
from sessions_api.secrets import service as secrets
from sessions_api.sessions import present as session_present
from sessions_api.sessions import present_launch
from sessions_api.sessions import service as sessions
from sessions_api.sessions.pages_around import around_here
from sessions_api.web import forms, words
from sessions_api.web.forms import REFUSALS, Form
from sessions_api.web.parts import Action, Confirm, Crumb
from sessions_api.web.render import page, see_other

router = APIRouter(include_in_schema=False, dependencies=SHELL)

LABELS = {
    "name": "Name",
    "description": "Description",
    "visibility": "Who can see it",
    "url": "Git repository",
}
MEMBERS = Paging(limit=50)


@router.get("/")
async def start() -> Response:
    """Where everybody begins."""
    return see_other("/projects")


@router.get("/projects")
async def listing(
    request: Request,
    db: Reading,
    viewer: PageViewer,
    paging: Paged,
    q: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """The projects that the viewer sees, newest first."""
    found = await service.listing(db, viewer, paging, q)
    listed = paging.cut(found, lambda access: access.project.id, lambda access: access)
    first = paging.after is None
    view = ProjectList(
        title=words.count(len(found), "project") if first and listed.next is None else "Projects",
        query=q,
        rows=await _rows(db, viewer.name, listed.items),
        pager=present.pager(len(listed.items), "project", "/projects", listed.next, first=first, q=q),
        empty=first and not q and not found,
    )
    return page(request, "projects/list.html", view=view)


async def _rows(db: AsyncSession, person: str, listed: list[Access]) -> tuple[ProjectRow, ...]:
    ids = [access.project.id for access in listed]
    defaults = await sessions.defaults_of(db, ids)
    counts = await service.count_members(db, ids)
    people: dict[str, list[str]] = defaultdict(list)
    for member in await service.first_members(db, ids, present.PEOPLE):
        people[member.project_id].append(member.person)
    busy = await runs.not_at_rest(db, person, ids)
    named = await sessions.by_ids(db, {run.session_id for run in busy})
    now = clock.now()
    return tuple(
        present.row(
            access,
            defaults.get(access.project.id),
            [(run, named[run.session_id]) for run in busy if run.project_id == access.project.id],
            (people[access.project.id], counts.get(access.project.id, 0)),
            now,
        )
        for access in listed
    )


def _new_page(request: Request, form: Form) -> Response:
    crumbs = (Crumb("Projects", "/projects"), Crumb("New project"))
    return page(request, "projects/new.html", status=form.status, form=form, crumbs=crumbs)


@router.get("/projects/new")
async def ask_new(request: Request) -> Response:
    """The form of a new project."""
    return _new_page(request, Form())


@router.post("/projects/new")
async def create(request: Request, db: Writing, viewer: PageViewer, rules: RepositoryRules) -> Response:
    """Creates a project, with its first repository when one was given: both or neither."""
    form = await forms.read(request)
    try:
        async with db.begin_nested():
            body = ProjectCreate.model_validate(
                {"name": "", **form.given("name", "description", "visibility")}
            )
            access = await service.create(db, viewer, **body.model_dump())
            if form.given("repository"):
                url = RepositoryCreate(url=form.value("repository")).url
                await repositories.add(db, access, url=url, rules=rules)
    except REFUSALS as error:
        labels = {**LABELS, "repository": "Git repository"}
        return _new_page(request, form.refused(error, labels, {"url": "repository"}))
    return see_other(run_present.project_path(access.project))


@router.get("/projects/{slug}")
async def show(request: Request, db: Reading, access: PageProject, paging: Paged) -> Response:
    """A project: its sessions, and what they get."""
    found = await sessions.listing(db, access, paging)
    listed = paging.cut(found, lambda session: session.slug, lambda session: session)
    default = await sessions.default_of(db, access)
    shown = {session.id: session for session in [*listed.items, *([default] if default else [])]}
    around = await around_here(request, db, access, list(shown.values()))
    people = await service.count_members(db, [access.project.id])
    first = paging.after is None
    whole = first and listed.next is None
    now = clock.now()
    cards = tuple(session_present.card(session, access, around, now) for session in listed.items)
    lead, usual = None, ""
    if default is not None:
        run = around.runs.get(default.id)
        front_end = session_present.front_end(default, run, around)
        lead = present.lead(access, default, run, front_end, now)
        total = around.estimates[default.id].total
        usual = words.usual(total.usual, total.most).capitalize() if total else ""
    view = ProjectPage(
        lead=lead,
        others=present.others(cards, access) if len(cards) > 1 else (),
        usual=usual if lead and lead.post else "",
        cards=cards,
        offers=await offering.default(db, access.viewer, kinds=kinds_here(request))
        if default is None and access.may(CONFIGURE)
        else (),
        panels=await _shared(db, access)
        + present.panels(
            access,
            around.repositories,
            around.storages,
            (
                (await service.members(db, access, MEMBERS))[: MEMBERS.limit],
                (await groups.listing(db, access, MEMBERS))[: MEMBERS.limit],
            ),
            await _hidden(db, access),
        )
        + await _invitations(db, access),
        pager=None
        if whole
        else present.pager(len(cards), "session", request.url.path, listed.next, first=first),
        say=present_launch.say(cards),
        editors=access.project.created_by,
    )
    head = present.head(
        access, people=people.get(access.project.id, 0), sessions=str(len(cards)) if whole else ""
    )
    return page(request, "projects/show.html", project=head, view=view)


async def _hidden(db: AsyncSession, access: Access) -> tuple[Panel, ...]:
    """What is encrypted of a project: secrets and logins, by their names."""
    owner = Owner(access.viewer, access)
    return (
        *secret_present.panels(access, await secrets.listing(db, access.project.id)),
        *login_present.panels(GIT_LOGINS, access, await GIT_LOGINS.logins.listing(db, owner)),
        *login_present.panels(REGISTRY_LOGINS, access, await REGISTRY_LOGINS.logins.listing(db, owner)),
    )


async def _shared(db: AsyncSession, access: Access) -> tuple[Panel, ...]:
    """Sessions of others that the viewer is let into."""
    found = await shares.with_viewer(db, access.viewer, MEMBERS, project_id=access.project.id)
    named = await sessions.by_ids(db, {run.session_id for _, run in found})
    return share_present.panels(found[: MEMBERS.limit], named, clock.now())


async def _invitations(db: AsyncSession, access: Access) -> tuple[Panel, ...]:
    """The invitations that still take somebody in, for owners."""
    if not access.may(GOVERN):
        return ()
    found = await invitations.listing(db, access, MEMBERS)
    return invitation_present.panels(access, found[: MEMBERS.limit], clock.now())


async def _head(db: AsyncSession, access: Access) -> ProjectHead:
    people = await service.count_members(db, [access.project.id])
    return present.head(access, people=people.get(access.project.id, 0))


@router.get("/projects/{slug}/settings")
async def ask_settings(request: Request, db: Reading, access: PageProject) -> Response:
    """Name, description, visibility."""
    access.require(CONFIGURE)
    project = access.project
    form = Form(
        {
            "name": [project.name],
            "description": [project.description],
            "visibility": [project.visibility],
            "revision": [str(project.revision)],
        }
    )
    return page(request, "projects/settings.html", project=await _head(db, access), form=form)


@router.post("/projects/{slug}/settings")
async def settings(request: Request, db: Writing, access: FormProject) -> Response:
    """Saves name, description and visibility."""
    form = await forms.read(request)
    head = await _head(db, access)
    changed = {"name": form.value("name"), "description": form.value("description")}
    if form.value("visibility", access.project.visibility) != access.project.visibility:
        changed["visibility"] = form.value("visibility")
    try:
        async with db.begin_nested():
            body = ProjectChange.model_validate(changed)
            sent = form.value("revision")
            require(etag(int(sent)) if sent.isdecimal() else None, access.project.revision, head.name)
            await service.change(db, access, **body.model_dump(exclude_unset=True))
    except REFUSALS as error:
        refused = form.refused(error, LABELS)
        return page(request, "projects/settings.html", status=refused.status, project=head, form=refused)
    return see_other(run_present.project_path(access.project))


@router.get("/projects/{slug}/delete")
async def ask_delete(request: Request, db: Reading, access: PageProject) -> Response:
    """Says what a deletion takes away, and what of it is live."""
    access.require(GOVERN)
    live = await runs.held_of_project(db, access.project.id)
    named = await sessions.by_ids(db, {run.session_id for run in live})
    confirm = Confirm(
        title=f"Delete {access.project.name}?",
        crumbs=run_present.crumbs(access.project, "Delete"),
        lines=("The project goes away for everyone. What lies in its repositories and storages stays.",),
        lost=(
            *(f"{named[run.session_id].name}, live for {run.person}, is stopped first" for run in live),
            "All its sessions, their configurations and everyone's /work",
        ),
        do=Action(
            f"Stop {words.count(len(live), 'run')} and delete project" if live else "Delete project",
            request.url.path,
            "trash",
            post=True,
            danger=True,
        ),
        back=f"{run_present.project_path(access.project)}/settings",
        keep="Keep it",
    )
    return page(request, "confirm.html", confirm=confirm)


@router.post("/projects/{slug}/delete")
async def delete(db: Writing, access: FormProject) -> Response:
    """Stops what is live in a project and deletes it."""
    await wishes.remove_project(db, access, force=True)
    return see_other("/projects")
