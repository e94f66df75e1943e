"""Shares as JSON."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from sessions_api.audit.dependencies import NO_NUL
from sessions_api.kit.schemas import Schema
from sessions_api.projects.tables import Project
from sessions_api.runs.shares.tables import RunShare
from sessions_api.runs.tables import Run
from sessions_api.sessions.tables import Session

YEAR_HOURS = 8760


class ShareCreate(Schema):
    """Who is let into a session.

    Attributes:
        person: a member of the project.
        hours: for how long; the installation says how many at most.
    """

    person: Annotated[str, Field(min_length=1, max_length=255, pattern=NO_NUL)]
    hours: Annotated[float, Field(gt=0, le=YEAR_HOURS)] = 4


class ShareRead(Schema):
    """Somebody who is let into a session.

    Attributes:
        person: who is.
        granted: whether JupyterHub knows it.
    """

    id: str
    run: str
    person: str
    granted: bool
    created_at: datetime
    expires_at: datetime

    @classmethod
    def made(cls, share: RunShare) -> Self:
        """The share as who shares it reads it."""
        return cls(
            id=share.id,
            run=share.run_id,
            person=share.person,
            granted=share.granted_at is not None,
            created_at=share.created_at,
            expires_at=share.expires_at,
        )


class SharedRead(Schema):
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

    @classmethod
    def of(cls, share: RunShare, run: Run, project: Project, session: Session) -> Self:
        """The share as whom it lets in reads it."""
        return cls(
            id=share.id,
            person=run.person,
            project=project.slug,
            session=session.slug,
            url=run.url,
            expires_at=share.expires_at,
        )
