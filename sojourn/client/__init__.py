"""The typed Python client of Sojourn's HTTP API, in two forms of one shape: `Client` and `AsyncClient`."""

from sojourn.client.asynchronous import AsyncClient
from sojourn.client.audit_calls import AuditEntry
from sojourn.client.checks import CheckEvent, CheckStep, ImageChecked, ImageRefused
from sojourn.client.configurations import Configuration, RepositoryChoice
from sojourn.client.copies import CopiedSession
from sojourn.client.environment_calls import CheckLogin, EnvironmentChanges, NewVersion
from sojourn.client.environment_models import (
    Difference,
    Environment,
    ListedPackage,
    ListedVersion,
    Package,
    PackagesFile,
    Version,
    VersionDetail,
)
from sojourn.client.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Holder,
    Invalid,
    NotFound,
    NotRunning,
    SojournError,
    Stale,
    Unauthenticated,
)
from sojourn.client.events import (
    Event,
    LogEvent,
    QueueEvent,
    StageEvent,
    StatusEvent,
    WarningEvent,
)
from sojourn.client.invitation_calls import Invitation
from sojourn.client.login_models import GitLogin, RegistryLogin
from sojourn.client.logs import Log, LogLine
from sojourn.client.models import (
    Me,
    Member,
    MemberGroup,
    Project,
    Queue,
    Reason,
    Repository,
    Resize,
    Run,
    Secret,
    Session,
    Stage,
    Storage,
)
from sojourn.client.offer_calls import OfferedClass, OfferedPool
from sojourn.client.overview_calls import ClassUse, FailureCount, NodeUse, OverviewRun
from sojourn.client.share_calls import Share, SharedSession
from sojourn.client.sync import Client
from sojourn.client.timetable_calls import Outcome, TimeOfWeek, Timetable
from sojourn.client.token_calls import Token
from sojourn.client.usage import RunUsage

__all__ = [
    "AsyncClient",
    "AuditEntry",
    "CheckEvent",
    "CheckLogin",
    "CheckStep",
    "ClassUse",
    "Client",
    "Configuration",
    "Conflict",
    "CopiedSession",
    "Difference",
    "Environment",
    "EnvironmentChanges",
    "Event",
    "FailureCount",
    "FieldError",
    "Forbidden",
    "GitLogin",
    "Holder",
    "ImageChecked",
    "ImageRefused",
    "Invalid",
    "Invitation",
    "ListedPackage",
    "ListedVersion",
    "Log",
    "LogEvent",
    "LogLine",
    "Me",
    "Member",
    "MemberGroup",
    "NewVersion",
    "NodeUse",
    "NotFound",
    "NotRunning",
    "OfferedClass",
    "OfferedPool",
    "Outcome",
    "OverviewRun",
    "Package",
    "PackagesFile",
    "Project",
    "Queue",
    "QueueEvent",
    "Reason",
    "RegistryLogin",
    "Repository",
    "RepositoryChoice",
    "Resize",
    "Run",
    "RunUsage",
    "Secret",
    "Session",
    "Share",
    "SharedSession",
    "SojournError",
    "Stage",
    "StageEvent",
    "Stale",
    "StatusEvent",
    "Storage",
    "TimeOfWeek",
    "Timetable",
    "Token",
    "Unauthenticated",
    "Version",
    "VersionDetail",
    "WarningEvent",
]
