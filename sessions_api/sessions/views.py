"""What pages show of sessions."""

from __future__ import annotations

from dataclasses import dataclass

from sessions_api.web.parts import Action, Crumb, Hint, Status, Wait


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a launch is: the stage, a word about it, and how long the whole launch takes."""

    title: str
    detail: str
    about: str
    wait: Wait


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the viewer's latest run failed, where its log is, and what to do."""

    sentence: str
    log: str
    remedies: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class SessionCard:
    """A session as its viewer sees it.

    Attributes:
        folders: `3 of 6 folders`; empty when it gets all of the project's.
        menu: groups of entries.
    """

    slug: str
    name: str
    href: str
    default: bool
    status: Status
    environment: Crumb
    version: int
    digest: str
    resources: str
    folders: str
    primary: Action
    menu: tuple[tuple[Action, ...], ...]
    progress: Progress | None = None
    failure: Failure | None = None
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True)
class ResumePage:
    """What a stopped session's own address shows.

    Attributes:
        note: since when, and why.
        url: the address.
        do: Resume session, Start session or Retry.
        kept: what is there after the pause; empty when nothing is.
        same: the environment and version it comes back with.
        ended: what the end took away.
        news: what changed meanwhile.
        links: the project, the log, Stop….
    """

    title: str
    name: str
    crumbs: tuple[Crumb, ...]
    status: Status
    note: str
    url: str
    do: Action
    kept: tuple[str, ...]
    same: str
    digest: str
    ended_by: str
    ended: tuple[str, ...]
    news: tuple[Hint, ...]
    links: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Mount:
    """A repository or storage that a session may have: `detail` is its address or path."""

    id: str
    folder: str
    detail: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class ConfigurePage:
    """A session's configuration around the form.

    Attributes:
        note: when changes take effect.
        default_now: the session that is the default, when it is not this one.
        versions: number and label of what can be chosen.
        changed: when it was changed last.
    """

    name: str
    crumbs: tuple[Crumb, ...]
    status: Status
    note: str
    revision: int
    default: bool
    default_now: str
    environment: Crumb
    versions: tuple[tuple[int, str], ...]
    digest: str
    resources_note: str
    repositories: tuple[Mount, ...]
    storages: tuple[Mount, ...]
    changed: str
    back: str
