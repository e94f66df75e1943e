"""Entries of the audit log as JSON."""

from datetime import datetime
from typing import Any, Literal, Self

from sessions_api.audit.tables import AuditEntry
from sessions_api.audit.verbs import Verb
from sessions_api.kit.schemas import Schema


class AuditProject(Schema):
    """The project that something was done in, as it was called then."""

    id: str
    slug: str


class AuditThing(Schema):
    """What something was done to.

    Attributes:
        id: null: it has none, as members.
        name: what people call it: a name, a host, a user name.
    """

    kind: str
    id: str | None
    name: str


class AuditEntryRead(Schema):
    """One deed.

    Attributes:
        id: counts them, in the order in which they were written.
        by: `person`; `hub`: what JupyterHub told; `system`: Sojourn by itself.
        person: who, where it was a person.
        project: null: nowhere but on the platform.
        details: what more there is to say: names of what was changed (`fields`), a role, a version.
    """

    id: int
    at: datetime
    by: Literal["person", "hub", "system"]
    person: str | None
    verb: Verb
    project: AuditProject | None
    thing: AuditThing
    details: dict[str, Any]

    @classmethod
    def made(cls, entry: AuditEntry) -> Self:
        """The entry as it is told."""
        return cls.model_validate(
            {
                "id": entry.id,
                "at": entry.at,
                "by": entry.by,
                "person": entry.person,
                "verb": entry.verb,
                "project": {"id": entry.project_id, "slug": entry.project_slug}
                if entry.project_id is not None
                else None,
                "thing": {"kind": entry.kind, "id": entry.thing_id, "name": entry.name},
                "details": entry.details,
            }
        )
