"""The typed Python client of Sojourn's HTTP API, in two forms of one shape: `Client` and `AsyncClient`."""

from sojourn.client.asynchronous import AsyncClient
from sojourn.client.calls import Configuration, RepositoryChoice
from sojourn.client.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    NotRunning,
    SojournError,
    Stale,
    Unauthenticated,
)
from sojourn.client.events import Event, LogEvent, StageEvent, StatusEvent
from sojourn.client.models import (
    Environment,
    Log,
    LogLine,
    Me,
    Member,
    Project,
    Reason,
    Repository,
    Run,
    Session,
    Stage,
    Storage,
    Version,
    VersionDetail,
)
from sojourn.client.sync import Client

__all__ = [
    "AsyncClient",
    "Client",
    "Configuration",
    "Conflict",
    "Environment",
    "Event",
    "FieldError",
    "Forbidden",
    "Invalid",
    "Log",
    "LogEvent",
    "LogLine",
    "Me",
    "Member",
    "NotFound",
    "NotRunning",
    "Project",
    "Reason",
    "Repository",
    "RepositoryChoice",
    "Run",
    "Session",
    "SojournError",
    "Stage",
    "StageEvent",
    "Stale",
    "StatusEvent",
    "Storage",
    "Unauthenticated",
    "Version",
    "VersionDetail",
]
