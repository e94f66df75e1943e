"""What can be asked of the API about sessions that are shared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sojourn.client.call import Call, Pages, nothing, path_of
from sojourn.client.events import run_id
from sojourn.client.models import Answer, Run


class Share(Answer):
    """Somebody who is let into your session.

    Attributes:
        run: the id of the run.
        person: who is let in.
        granted: whether JupyterHub knows it.
    """

    id: str
    run: str
    person: str
    granted: bool
    created_at: datetime
    expires_at: datetime


class SharedSession(Answer):
    """A session that somebody shares with you.

    Attributes:
        person: who shares it.
        project, session: their slugs.
        url: where it opens.
    """

    id: str
    person: str
    project: str
    session: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ShareCalls:
    """Sessions that are shared: your own with others, and others' with you."""

    def list(self, run: Run | str) -> Pages[Share]:
        """Whom your running session is shared with, newest first."""
        return Pages(self._at(run), Share)

    def create(self, run: Run | str, person: str, *, hours: float = 4) -> Call[Share]:
        """Lets a member of the project in; once more says for how long from now on."""
        return Call("POST", self._at(run), Share.read, {"person": person, "hours": hours})

    def revoke(self, run: Run | str, share: str) -> Call[None]:
        """Lets somebody in no more, by the id of the share."""
        return Call("DELETE", self._at(run, share), nothing)

    def with_me(self, *, project: str | None = None) -> Pages[SharedSession]:
        """Sessions of others that you are let into, newest first."""
        return Pages("/shares", SharedSession, {"project": project} if project else {})

    def _at(self, run: Run | str, *parts: str) -> str:
        return path_of("runs", run_id(run), "shares", *parts)
