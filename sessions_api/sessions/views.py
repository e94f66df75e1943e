"""What pages show of sessions."""

from __future__ import annotations

from dataclasses import dataclass

from sessions_api.environments.views import Check, Offers
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
        front_end: that the live or paused run has, else that the next start has.
        folders: `3 of 6 folders`; empty when it gets all of the project's.
        free: `4 of 16 CPUs free in the pool GPU`, while it could be started.
        pauses: `Pauses after 2 h without activity`; empty when it never does by itself.
        times: `Starts Monday 08:30`, of the viewer's own.
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
    front_end: str
    resources: str
    folders: str
    free: str
    primary: Action
    menu: tuple[tuple[Action, ...], ...]
    pauses: str = ""
    times: tuple[str, ...] = ()
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
    """A repository or storage that a session may have.

    Attributes:
        detail: its address or place.
        ref: of a repository, what the project has it at.
        read_only: of a storage, whether no session of the project can write to it.
        fixed: of a storage, whether a session cannot choose that.
    """

    id: str
    folder: str
    detail: str
    ref: str = ""
    read_only: bool = False
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class ClassChoice:
    """A resource class that can be chosen.

    Attributes:
        numbers: `2 CPU, 8 GiB`.
        disk: size of /work in GiB; empty is the installation's.
        default: whether a new session is of it unless another is chosen.
        free: `4 of 16 CPUs free in the pool GPU`; empty where nothing is limited.
    """

    slug: str
    name: str
    description: str
    numbers: str
    disk: str
    default: bool
    free: str = ""


@dataclass(frozen=True, slots=True)
class AddPage:
    """What a session of a project can be made from.

    Attributes:
        classes: resource classes that can be chosen; empty where there are none.
        path: of the page itself, without what was searched for.
        images: whether sessions run from images here.
        successor: adds what takes the place of an archived environment.
    """

    crumbs: tuple[Crumb, ...]
    project: str
    offers: Offers
    classes: tuple[ClassChoice, ...]
    path: str
    back: str
    images: bool
    successor: Action | None = None


@dataclass(frozen=True, slots=True)
class ImagePage:
    """The form of a session that is made from an image, around what was typed.

    Attributes:
        classes, images: as of `AddPage`.
        path: what the form is sent to.
        needs: what an image must have.
        refused: what the summary of a refusal begins with.
        check: of the image in the form; None: it was not checked just now.
    """

    crumbs: tuple[Crumb, ...]
    project: str
    classes: tuple[ClassChoice, ...]
    path: str
    back: str
    images: bool
    needs: tuple[str, ...]
    refused: str
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class ConfigurePage:
    """A session's configuration around the form.

    Attributes:
        note: when changes take effect.
        default_now: the session that is the default, when it is not this one.
        versions: number and label of what can be chosen.
        front_ends: value and name of what can be run, the environment's own first; empty where it is the only
            one.
        classes: resource classes that can be chosen; empty where there are none.
        classless: whether it may be of none.
        disk: whether /work has a size.
        pausing: what empty minutes without activity mean, and what empty hours in all.
        changed: when it was changed last.
        news: what is to be said of its version, with *Update to 8* and *Back to 7*.
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
    front_ends: tuple[tuple[str, str], ...]
    resources_note: str
    classes: tuple[ClassChoice, ...]
    classless: bool
    disk: bool
    pausing: tuple[str, str]
    repositories: tuple[Mount, ...]
    storages: tuple[Mount, ...]
    changed: str
    back: str
    news: tuple[Hint, ...]


@dataclass(frozen=True, slots=True)
class CopyPage:
    """Where a session is copied to, and what comes along.

    Attributes:
        projects: slug and name of those that it can be copied to.
        target: the name of the one that was chosen; empty: none yet.
        left_out: what does not come along, a sentence each.
    """

    name: str
    crumbs: tuple[Crumb, ...]
    projects: tuple[tuple[str, str], ...]
    target: str
    left_out: tuple[str, ...]
    back: str
