"""From projects to what pages show of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote, urlencode

from sessions_api.projects.service import Access
from sessions_api.projects.tables import Member, ProjectGroup
from sessions_api.projects.views import Panel, PanelRow, ProjectHead, ProjectRow
from sessions_api.repositories.tables import Repository
from sessions_api.rights.policy import CONFIGURE, GOVERN
from sessions_api.runs import present
from sessions_api.runs.tables import Run
from sessions_api.sessions.present_actions import STARTS
from sessions_api.sessions.tables import Session
from sessions_api.sessions.views import SessionCard
from sessions_api.storages.specs import place_of
from sessions_api.storages.tables import Storage
from sessions_api.web import words
from sessions_api.web.parts import Action, Crumb, Pager

MENU = 12
"""Sessions in the menu of the big button; the cards below have all."""
PEOPLE = 4
"""Members shown by their initials."""


def head(access: Access, *, people: int, sessions: str = "") -> ProjectHead:
    """What all pages of a project show on top."""
    project = access.project
    return ProjectHead(
        slug=project.slug,
        name=project.name,
        description=project.description,
        public=project.visibility == "public",
        role=f"You are {access.role.word}",
        people=words.count(people, "person", "people"),
        sessions=sessions,
        editor=access.may(CONFIGURE),
        owner=access.may(GOVERN),
        crumbs=(Crumb("Projects", "/projects"), Crumb(project.slug)),
    )


def pager(shown: int, thing: str, path: str, following: str | None, *, first: bool, **query: str) -> Pager:
    """Where a list goes on; `following` is the cursor of the next page."""
    kept = {name: value for name, value in query.items() if value}
    plain = f"{path}?{urlencode(kept)}" if kept else path
    return Pager(
        words=f"{words.count(shown, thing)} on this page",
        first="" if first else plain,
        next=f"{path}?{urlencode({**kept, 'cursor': following})}" if following else "",
    )


def lead(access: Access, session: Session, run: Run | None, front_end: str, now: datetime) -> Action:
    """The big button: what happens next with the project's default session."""
    state = present.status(run, now).state
    where = f"{session.name}, in {front_end}"
    if run is not None and (state == "launching" or not present.settled(run)):
        return Action(
            "Watch launch" if state == "launching" else "Show session",
            f"/runs/{run.id}",
            "right",
            small=where,
        )
    if run is not None and state == "running":
        return Action("Open session", run.url, "open", small=where)
    word, icon = STARTS[state]
    label = "Retry" if state == "failed" else f"{word} session"
    return Action(label, f"{present.project_path(access.project)}/start", icon, small=where, post=True)


def others(cards: Sequence[SessionCard], access: Access) -> tuple[tuple[Action, ...], ...]:
    """The menu beside the big button."""
    entries = tuple(_entry(card) for card in cards[:MENU])
    add = Action("Add session", f"{present.project_path(access.project)}/sessions/add", "plus")
    return (entries, (add,)) if access.may(CONFIGURE) else (entries,)


def _entry(card: SessionCard) -> Action:
    do = card.primary
    state = card.status.state
    if do.label == "Cancel":
        return Action(f"Watch {card.name}", card.href, "launching", small="Launching", state=state)
    small = f"{card.environment.label} · default" if card.default else card.environment.label
    if state != "inactive":
        small = f"{card.status.word} {card.status.beside}".strip()
    return Action(
        f"{do.label} {card.name}",
        do.href,
        do.icon,
        small=small,
        post=do.post,
        fields=do.fields,
        state="" if state == "inactive" else state,
    )


def panels(
    access: Access,
    repositories: Sequence[Repository],
    storages: Sequence[Storage],
    belonging: tuple[Sequence[Member], Sequence[ProjectGroup]],
    further: tuple[Panel, ...],
) -> tuple[Panel, ...]:
    """What stands beside the sessions: repositories, storages, what `further` nouns show, members."""
    base = present.project_path(access.project)
    members, groups = belonging
    editor, owner = access.may(CONFIGURE), access.may(GOVERN)
    return (
        Panel(
            id="repositories",
            title="Repositories",
            icon="repo",
            rows=tuple(
                PanelRow(
                    each.folder,
                    f"{each.ref or 'default branch'} · {_place(each.url)}",
                    href=f"{base}/repositories/{each.folder}/edit" if editor else "",
                )
                for each in repositories
            ),
            note=""
            if repositories
            else "None. Sessions still get their own /work, kept while they are paused.",
            add=f"{base}/repositories/add" if editor else "",
            add_label="Add repository",
        ),
        Panel(
            id="storages",
            title="Storages",
            icon="storage",
            rows=tuple(
                PanelRow(
                    each.folder,
                    place_of(each),
                    "read-only" if each.read_only else "",
                    href=f"{base}/storages/{each.folder}/edit" if editor else "",
                )
                for each in storages
            ),
            note="Each is a folder in /work, where sessions start." if storages else "None.",
            add=f"{base}/storages/add" if editor else "",
            add_label="Add storage",
        ),
        *further,
        _members(access, members, base),
        *((_groups(groups, base, owner=owner),) if groups or owner else ()),
    )


def part_path(base: str, kind: str, name: str, page: str) -> str:
    """The page of a member or group, whose name the hub gave; `base` is the project's own."""
    return f"{base}/{kind}/{quote(name, safe='')}/{page}"


def _members(access: Access, members: Sequence[Member], base: str) -> Panel:
    owner = access.may(GOVERN)
    return Panel(
        id="members",
        title="Members",
        icon="user",
        rows=tuple(
            PanelRow(
                each.person,
                note=each.role.capitalize(),
                person=True,
                href=part_path(base, "members", each.person, "edit")
                if owner or each.person == access.viewer.name
                else "",
            )
            for each in members
        ),
        add=f"{base}/members/add" if owner else "",
        add_label="Add member",
    )


def _groups(groups: Sequence[ProjectGroup], base: str, *, owner: bool) -> Panel:
    return Panel(
        id="groups",
        title="Groups",
        icon="users",
        rows=tuple(
            PanelRow(
                each.group,
                note=each.role.capitalize(),
                href=part_path(base, "groups", each.group, "edit") if owner else "",
            )
            for each in groups
        ),
        note="" if groups else "None. Everybody in a group of JupyterHub can be a member at once.",
        add=f"{base}/groups/add" if owner else "",
        add_label="Add group",
    )


def _place(url: str) -> str:
    """Where a repository lies, without what everybody knows: `git.example.org/alpine/snow`."""
    return url.partition("://")[2].removesuffix(".git") or url


def row(
    access: Access,
    default: Session | None,
    runs: Sequence[tuple[Run, Session]],
    people: tuple[Sequence[str], int],
    now: datetime,
) -> ProjectRow:
    """A project in the list, with the viewer's own sessions that are not at rest.

    `people` are some members and how many there are.
    """
    some, count = people
    project = access.project
    base = present.project_path(project)
    action: Action | None = None
    if default is not None:
        latest = next((run for run, session in runs if session.id == default.id), None)
        action = _list_action(default, latest, base, now)
    elif access.may(CONFIGURE):
        action = Action("Add session", f"{base}/sessions/add", "plus", about=f"to {project.name}")
    return ProjectRow(
        slug=project.slug,
        name=project.name,
        description=project.description,
        public=project.visibility == "public",
        runs=tuple(present.live_item(run, session, project, now) for run, session in runs),
        idle="Nothing of yours runs." if default else "No sessions yet.",
        people=tuple(some),
        more_people=count - len(some),
        action=action,
    )


def _list_action(session: Session, run: Run | None, base: str, now: datetime) -> Action:
    state = present.status(run, now).state
    if run is not None and (state == "launching" or not present.settled(run)):
        return Action(f"Watch {session.name}", f"/runs/{run.id}", "right")
    if run is not None and state == "running":
        return Action(f"Open {session.name}", run.url, "open")
    word, icon = STARTS[state]
    return Action(f"{word} {session.name}", f"{base}/start", icon, post=True)
