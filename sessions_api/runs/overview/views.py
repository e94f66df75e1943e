"""What the pages of administrators show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sessions_api.web.parts import Action, Crumb, Pager, Status


@dataclass(frozen=True, slots=True)
class Head:
    """What all of these pages begin with.

    Attributes:
        tabs: label, address, and how many there are where that is said.
        tab: the label of the page that is shown.
    """

    tab: str
    tabs: tuple[tuple[str, str, int | None], ...]
    summary: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """Anybody's run in a list.

    Attributes:
        since: the moment that what the status says began.
        takes: `2 CPU, 8 GiB`.
        code: why it failed.
        actions: what an administrator can do about it; each asks first.
    """

    id: str
    session: str
    project: str
    project_slug: str
    person: str
    shared_with: str
    status: Status
    environment: Crumb
    version: int
    resource_class: str
    pool: str
    takes: str
    node: str
    since: str
    position: str = ""
    code: str = ""
    sentence: str = ""
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of runs.

    Attributes:
        asked: what the form above it says, by the name of its field.
        narrowed: whether that leaves anything out.
    """

    path: str
    rows: tuple[RunRow, ...]
    asked: Mapping[str, str]
    narrowed: bool
    pager: Pager


@dataclass(frozen=True, slots=True)
class FailureRow:
    """How often runs failed of one reason; `href` leads to them."""

    code: str
    count: int
    people: str
    last: str
    href: str


@dataclass(frozen=True, slots=True)
class UseRow:
    """What is taken of something.

    Attributes:
        href: the live runs that take it.
        amounts: what is taken, with the limit where there is one: `4 of 16 CPUs`.
        waiting: how many wait for it.
    """

    name: str
    note: str
    href: str
    amounts: str
    waiting: str = ""
