"""Rules of invitations: who makes them, and whom they take in.

What a link carries is made here, is told once, and is kept as a hash. A link that is made again by the same
press of a button is the same link: nothing has to be kept for that but a key of the installation.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service as audit
from sessions_api.audit.verbs import Verb
from sessions_api.invitations import store
from sessions_api.invitations.tables import Invitation
from sessions_api.kit import clock
from sessions_api.kit.db import notify
from sessions_api.kit.errors import Gone, NotFound
from sessions_api.kit.ids import new_id
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.service import Access
from sessions_api.projects.tables import Project
from sessions_api.rights import policy
from sessions_api.rights.policy import GOVERN

_ASK = "Ask who sent it for a new one."


@dataclass(frozen=True)
class Offer:
    """What an invitation offers to somebody who has its link.

    Attributes:
        present: the role that they have in the project as a member by themselves; None: they are none.
    """

    invitation: Invitation
    project: Project
    present: str | None

    @property
    def gives_more(self) -> bool:
        """Whether they can do more in the project with it than without."""
        return self.present is None or policy.role([self.invitation.role]) > policy.role([self.present])


def token_of(key: str, *parts: str) -> str:
    """What a link carries that is made by one press of a button: the same for the same `parts`.

    `key` is one of the installation's secrets; without parts, it is another token each time.
    """
    if not parts:
        return secrets.token_urlsafe(32)
    digest = hmac.digest(key.encode(), "\0".join(("invitation", *parts)).encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def listing(db: AsyncSession, access: Access, paging: Paging) -> Sequence[Invitation]:
    """The project's invitations that still take somebody in, newest first.

    Raises:
        Forbidden: only owners know of them.
    """
    access.require(GOVERN)
    return await store.listing(db, access.project.id, clock.now(), paging)


async def get(db: AsyncSession, access: Access, invitation_id: str) -> Invitation:
    """One of the project's invitations, whether it still takes somebody in or not.

    Raises:
        Forbidden: only owners know of them.
        NotFound: the project has none of that id.
    """
    access.require(GOVERN)
    found = await store.get(db, access.project.id, invitation_id)
    if found is None:
        raise NotFound(f"{access.project.name} has no invitation {invitation_id}.")
    return found


async def add(
    db: AsyncSession, access: Access, token: str, *, role: str, note: str, days: int, uses: int
) -> Invitation:
    """An invitation whose link carries `token`: the one that is there, if there is one.

    Raises:
        Forbidden: only owners decide who belongs.
    """
    access.require(GOVERN)
    await projects.lock(db, access)
    if (there := await store.of_key(db, _key(token))) is not None:
        return there[0]
    now = clock.now()
    made = Invitation(
        id=new_id(),
        project_id=access.project.id,
        key=_key(token),
        role=role,
        note=note,
        most_uses=uses,
        uses=0,
        created_by=access.viewer.name,
        created_at=now,
        expires_at=now + timedelta(days=days),
        revoked_at=None,
    )
    db.add(made)
    projects.record(
        db, access, Verb.INVITATION_CREATE, made.name, thing=made.id, role=role, people=uses, days=days
    )
    await db.flush()
    notify(db, projects.topic(access.project.id))
    return made


async def revoke(db: AsyncSession, access: Access, invitation_id: str) -> None:
    """Takes an invitation back; who came by it stays. Once more is no error, and nothing more.

    Raises:
        Forbidden: only owners decide who belongs.
        NotFound: the project has none of that id.
    """
    await projects.lock(db, access)
    found = await get(db, access, invitation_id)
    if found.revoked_at is None:
        found.revoked_at = clock.now()
        projects.record(db, access, Verb.INVITATION_REMOVE, found.name, thing=found.id, used=found.uses)
        await db.flush()
        notify(db, projects.topic(access.project.id))


async def look(db: AsyncSession, viewer: Viewer, token: str) -> Offer:
    """What the invitation offers to the viewer, who has its link.

    Raises:
        NotFound: no link carries this, or its project is gone.
        Gone: it was taken back, its time is over (`invitation_expired`), or it is used up.
    """
    found = await store.of_key(db, _key(token))
    if found is None:
        raise NotFound("This invitation is not known here.", code="invitation_unknown", hint=_ASK)
    invitation, project = found
    offer = Offer(invitation, project, await projects.own_role(db, project.id, viewer.name))
    if offer.gives_more:
        _require_open(invitation)
    return offer


def _require_open(invitation: Invitation) -> None:
    if invitation.revoked_at is not None:
        raise Gone("This invitation was taken back.", code="invitation_revoked", hint=_ASK)
    if invitation.expires_at <= clock.now():
        raise Gone("The time of this invitation is over.", code="invitation_expired", hint=_ASK)
    if invitation.uses >= invitation.most_uses:
        raise Gone("This invitation has been used up.", code="invitation_used_up", hint=_ASK)


async def join(db: AsyncSession, viewer: Viewer, token: str) -> Access:
    """Makes the viewer a member, or gives them the invitation's higher role; who has it already keeps that.

    Raises:
        NotFound: no link carries this, or its project is gone.
        Gone: it takes nobody in any more, see `look`.
    """
    if (found := await store.of_key(db, _key(token))) is not None:
        await projects.lock_id(db, found[1].id)
    offer = await look(db, viewer, token)
    invitation, project = offer.invitation, offer.project
    if offer.gives_more:
        await projects.admit(db, project.id, viewer.name, invitation.role)
        invitation.uses += 1
        audit.record(
            db,
            viewer,
            Verb.INVITATION_ACCEPT,
            invitation.name,
            thing=invitation.id,
            project=project,
            role=invitation.role,
            of=invitation.created_by,
        )
        await db.flush()
        notify(db, projects.topic(project.id))
    return await projects.access(db, viewer, project.slug)
