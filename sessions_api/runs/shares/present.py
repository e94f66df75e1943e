"""From shares to what pages show of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sessions_api.projects.views import Panel, PanelRow
from sessions_api.runs.shares.tables import RunShare
from sessions_api.runs.tables import Run
from sessions_api.sessions.tables import Session
from sessions_api.web import words
from sessions_api.web.parts import Crumb

HOURS = (1, 4, 8, 24, 72, 168)
"""What a person chooses from, as far as the installation allows it."""


@dataclass(frozen=True, slots=True)
class ShareRow:
    """Somebody who is let in.

    Attributes:
        until: until when, in words.
        path: where a form takes it back.
    """

    person: str
    until: str
    path: str


@dataclass(frozen=True, slots=True)
class SharesPage:
    """Whom a run is shared with.

    Attributes:
        off: why it cannot be shared; empty: it can.
        people: whom it can be shared with.
        hours: for how long.
    """

    crumbs: tuple[Crumb, ...]
    name: str
    back: str
    rows: tuple[ShareRow, ...]
    off: str
    people: tuple[str, ...]
    hours: tuple[int, ...]


def rows(run: Run, shares: Sequence[RunShare], now: datetime) -> tuple[ShareRow, ...]:
    """The people that a run is shared with."""
    return tuple(
        ShareRow(each.person, words.minute(each.expires_at, now), f"/runs/{run.id}/shares/{each.id}/revoke")
        for each in shares
    )


def hours(most: float) -> tuple[int, ...]:
    """For how long a session can be shared, in whole hours where there are any."""
    return tuple(each for each in HOURS if each <= most) or (1,)


def panels(
    shared: Sequence[tuple[RunShare, Run]], named: Mapping[str, Session], now: datetime
) -> tuple[Panel, ...]:
    """What others share with the viewer, on a project's page; nothing when nobody does."""
    if not shared:
        return ()
    found = tuple(
        PanelRow(
            f"Open {named[run.session_id].name} of {run.person}",
            f"{run.person} shares it until {words.minute(each.expires_at, now)}",
            href=run.url,
        )
        for each, run in shared
    )
    return (
        Panel(
            id="shared",
            title="Shared with you",
            icon="users",
            rows=found,
            note="What runs there is another person's. Type no passwords into it.",
        ),
    )
