"""What pages show of projects."""

from __future__ import annotations

from dataclasses import dataclass

from sessions_api.environments.views import Offer
from sessions_api.sessions.views import SessionCard
from sessions_api.web.parts import Action, Crumb, LiveItem, Pager


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project in the list.

    Attributes:
        runs: the viewer's own runs there that are live, paused or failed.
        idle: what is said when there are none.
    """

    slug: str
    name: str
    description: str
    public: bool
    runs: tuple[LiveItem, ...]
    idle: str
    people: tuple[str, ...]
    more_people: int
    action: Action | None


@dataclass(frozen=True, slots=True)
class ProjectList:
    """The list of projects; `empty` when the viewer can see none at all."""

    title: str
    query: str
    rows: tuple[ProjectRow, ...]
    pager: Pager
    empty: bool = False


@dataclass(frozen=True, slots=True)
class ProjectHead:
    """What all pages of a project show on top."""

    slug: str
    name: str
    description: str
    public: bool
    role: str
    people: str
    sessions: str
    editor: bool
    owner: bool
    crumbs: tuple[Crumb, ...]


@dataclass(frozen=True, slots=True)
class PanelRow:
    """One repository, storage or member."""

    name: str
    detail: str = ""
    note: str = ""
    href: str = ""
    person: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A list beside the sessions: repositories, storages, members."""

    id: str
    title: str
    icon: str
    rows: tuple[PanelRow, ...]
    note: str = ""
    add: str = ""
    add_label: str = ""


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """The sessions of a project and what they get.

    Attributes:
        lead: what the big button does: start, watch, open or resume the default session.
        others: the menu beside it.
        say: what is announced when it changes.
        editors: who can add the first session.
    """

    lead: Action | None
    others: tuple[tuple[Action, ...], ...]
    usual: str
    cards: tuple[SessionCard, ...]
    offers: tuple[Offer, ...]
    panels: tuple[Panel, ...]
    pager: Pager | None = None
    say: str = ""
    editors: str = ""


@dataclass(frozen=True, slots=True)
class PartForm:
    """A form about one part of a project.

    Attributes:
        refused: how the summary of errors begins: `Not added`.
        do: the button.
        remove: how to take the part away, when it is there.
    """

    title: str
    crumbs: tuple[Crumb, ...]
    note: str
    refused: str
    do: str
    back: str
    remove: Action | None = None
