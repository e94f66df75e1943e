"""What is kept, as JSON."""

from datetime import datetime

from sessions_api.kit.schemas import Schema


class KeptRead(Schema):
    """What was in /work when a session of yours was stopped.

    Attributes:
        project, session: slugs; `run` is the run that was stopped.
        size_gib: of a volume that is made from it; null: not known.
        expires_at: until when it is kept.
    """

    id: str
    project: str
    session: str
    run: str
    size_gib: float | None
    kept_at: datetime
    expires_at: datetime
