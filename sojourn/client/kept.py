"""What is kept of /work of sessions that were stopped."""

from __future__ import annotations

from datetime import datetime

from sojourn.client.models import Answer


class Kept(Answer):
    """What was in /work when you stopped a session, and can be started from.

    Attributes:
        project: slug, as is `session`; `run` is the run that was stopped.
        size_gib: of a volume that is made from it; None: not known.
        expires_at: until when it is kept.
    """

    id: str
    project: str
    session: str
    run: str
    size_gib: float | None
    kept_at: datetime
    expires_at: datetime
