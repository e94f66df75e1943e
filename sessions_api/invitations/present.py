"""From invitations to what pages show of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sessions_api.invitations.service import Offer
from sessions_api.invitations.tables import Invitation
from sessions_api.projects.service import Access
from sessions_api.projects.views import Panel, PanelRow
from sessions_api.runs.present import crumbs, project_path
from sessions_api.web import words
from sessions_api.web.parts import Action, Confirm, Crumb

_MAY = {
    "viewer": "see everything in it and start its sessions",
    "editor": "see everything in it, start its sessions, and change sessions, repositories and storages",
}


def panels(access: Access, invitations: Sequence[Invitation], now: datetime) -> tuple[Panel, ...]:
    """The list of invitations beside a project's members."""
    base = project_path(access.project)
    rows = tuple(
        PanelRow(
            each.note or f"As {each.role}",
            f"{each.uses} of {words.count(each.most_uses, 'person', 'people')} joined · until "
            f"{words.day(each.expires_at, now)}",
            note=each.role.capitalize(),
            href=f"{base}/invitations/{each.id}/revoke",
        )
        for each in invitations
    )
    note = "" if rows else "None. A link makes whoever follows it a member, when they agree."
    return (
        Panel(
            id="invitations",
            title="Invitations",
            icon="key",
            rows=rows,
            note=note,
            add=f"{base}/invitations/add",
            add_label="Invite by link",
        ),
    )


def facts(invitation: Invitation, now: datetime) -> tuple[str, ...]:
    """Whom an invitation takes in, and until when."""
    people = words.count(invitation.most_uses, "person", "people")
    return (
        (
            f"{people.capitalize()} can become {invitation.role} with it, until "
            f"{words.minute(invitation.expires_at, now)}."
        ),
        f"{words.count(invitation.uses, 'person', 'people')} joined so far." if invitation.uses else "",
    )


def revoking(access: Access, invitation: Invitation, path: str, now: datetime) -> Confirm:
    """The question before an invitation is taken back."""
    return Confirm(
        title=f"Take back the invitation {invitation.name}?",
        crumbs=crumbs(access.project, "Invitation"),
        lines=(
            *filter(None, facts(invitation, now)),
            f"{invitation.created_by} made it. Its link then takes nobody in; who came by it stays.",
        ),
        do=Action("Take back invitation", path, "trash", post=True, danger=True),
        back=project_path(access.project),
        keep="Keep it",
    )


def joining(offer: Offer, path: str, token: str) -> Confirm:
    """The question whether somebody joins a project."""
    project, role = offer.project, offer.invitation.role
    article = "an" if role == "editor" else "a"
    return Confirm(
        title=f"Join {project.name} as {role}?",
        crumbs=(Crumb("Invitation"),),
        lines=(
            f"{offer.invitation.created_by} invites you into this project."
            + (f" So far you are its {offer.present}." if offer.present else ""),
            *((project.description,) if project.description else ()),
            (
                f"As {article} {role} you can {_MAY[role]}. Its members see that you are one; you can leave "
                "at any time."
            ),
        ),
        do=Action("Join project", path, "check", post=True, fields=(("invitation", token),)),
        back="/projects",
        keep="Do not join",
    )
