"""What can be asked of the API about who did what when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sojourn.client.call import Pages, given, path_of
from sojourn.client.models import Answer, Part


class AuditProject(Part):
    """The project that something was done in, as it was called then."""

    id: str
    slug: str


class AuditThing(Part):
    """What something was done to; `id` None: it has none, as members."""

    kind: str
    id: str | None
    name: str


class AuditEntry(Answer):
    """One deed.

    Attributes:
        by: `person`; `hub`: what JupyterHub told; `system`: Sojourn by itself.
        person: who, where it was a person.
        verb: what, such as `member.add`.
        project: None: nowhere but on the platform.
        details: what more there is to say: names of what was changed (`fields`), a role, a version.
    """

    id: int
    at: datetime
    by: str
    person: str | None
    verb: str
    project: AuditProject | None
    thing: AuditThing
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AuditCalls:
    """The audit log of one project, or of the platform (`project` None)."""

    project: str | None

    def list(
        self,
        *,
        person: str | None = None,
        verb: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Pages[AuditEntry]:
        """Who did what, newest first.

        Args:
            person: only what they did.
            verb: `member.add`, or `member` for all of the kind.
            since: from this time on; with its time zone.
            until: before this time; likewise.
        """
        params = given(
            person=person,
            verb=verb,
            since=since and since.isoformat(),
            until=until and until.isoformat(),
        )
        where = () if self.project is None else ("projects", self.project)
        return Pages(path_of(*where, "audit"), AuditEntry, params)
