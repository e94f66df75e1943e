"""Which entries of the audit log are wanted."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Filters:
    """Which entries are wanted; None is all.

    Attributes:
        project_id: of this project.
        project_slug: of what was called so, whatever became of it.
        verb: a verb (`member.add`), or a kind of thing (`member`).
        since, until: from the one time on, before the other.
    """

    project_id: str | None = None
    project_slug: str | None = None
    person: str | None = None
    verb: str | None = None
    since: datetime | None = None
    until: datetime | None = None
