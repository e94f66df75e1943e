"""From logins of hosts to what pages show of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sessions_api.host_logins.kinds import Kind
from sessions_api.host_logins.owners import Owner
from sessions_api.host_logins.tables import HostLogin
from sessions_api.projects.service import Access
from sessions_api.projects.views import Panel, PanelRow, PartForm
from sessions_api.rights.policy import CONFIGURE
from sessions_api.runs import present
from sessions_api.web.parts import Action, Confirm, Crumb


def rows(kind: Kind, owner: Owner, logins: Sequence[HostLogin]) -> tuple[PanelRow, ...]:
    """Logins as a list shows them."""
    return tuple(
        PanelRow(login.host, f"as {login.username}", href=f"{owner.path(kind.path)}/{login.id}/edit")
        for login in logins
    )


def panels(kind: Kind, access: Access, logins: Sequence[HostLogin]) -> tuple[Panel, ...]:
    """The list of logins beside a project's sessions; none where there is nothing to see or do."""
    owner, editor = Owner(access.viewer, access), access.may(CONFIGURE)
    if not logins and not editor:
        return ()
    panel = Panel(
        id=kind.path,
        title=kind.title,
        icon="key",
        rows=tuple(row if editor else replace(row, href="") for row in rows(kind, owner, logins)),
        note="For launches by members who have none of their own." if logins else kind.none,
        add=f"{owner.path(kind.path)}/add" if editor else "",
        add_label=f"Add {kind.noun}",
    )
    return (panel,)


def form_view(kind: Kind, owner: Owner, login: HostLogin | None) -> PartForm:
    """The form of a login; None is a new one."""
    add = f"Add {kind.noun}"
    title = login.host if login else add
    added = kind.own if owner.access is None else kind.of_project
    return PartForm(
        title=title,
        crumbs=_crumbs(kind, owner, title),
        note="Launches use what you change from now on." if login else added,
        refused="Not saved" if login else "Not added",
        do="Save" if login else add,
        back=owner.page(kind.path),
        remove=Action("Remove…", f"{owner.path(kind.path)}/{login.id}/remove", "trash", ask=True, danger=True)
        if login
        else None,
    )


def confirm(kind: Kind, owner: Owner, login: HostLogin, path: str) -> Confirm:
    """The question before a login is forgotten."""
    return Confirm(
        title=f"Remove the {kind.noun} for {login.host}?",
        crumbs=_crumbs(kind, owner, login.host),
        lines=tuple(line.format(host=login.host) for line in kind.removal),
        do=Action(f"Remove {kind.noun}", path, "trash", post=True, danger=True),
        back=owner.page(kind.path),
        keep="Keep it",
    )


def _crumbs(kind: Kind, owner: Owner, title: str) -> tuple[Crumb, ...]:
    if owner.access is not None:
        return present.crumbs(owner.access.project, title)
    return (Crumb(kind.title, owner.path(kind.path)), Crumb(title))
