"""How long sessions go on by themselves: what an installation allows, and what a session says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import Field

from sessions_api.kit.errors import Invalid
from sessions_api.sessions.tables import Session
from sessions_api.settings import Settings

IdleMinutes = Annotated[
    float,
    Field(
        ge=0,
        le=525_600,
        allow_inf_nan=False,
        description="Minutes without activity after which a run pauses; 0 is never, null the installation's.",
        examples=[120],
    ),
]
LifeHours = Annotated[
    float,
    Field(
        ge=0,
        le=8784,
        allow_inf_nan=False,
        description="Hours after which a run pauses in any case; 0 is never, null the installation's.",
        examples=[24],
    ),
]
LEAST_MINUTES = 1
LEAST_HOURS = 0.25
"""A session that says less than this would pause while somebody thinks."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """The installation's own; zero of minutes or hours is no end, and of the most of them no limit.

    Attributes:
        warning: how long before a pause it is announced.
        keep_alive: the longest that people may ask for.
        certain: what happened longer ago than this, JupyterHub was told; see `settings.activity_seconds`.
    """

    idle_minutes: float
    idle_minutes_most: float
    life_hours: float
    life_hours_most: float
    warning: timedelta
    keep_alive: timedelta
    certain: timedelta

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the settings say."""
        return cls(
            settings.idle_minutes,
            settings.idle_minutes_most,
            settings.life_hours,
            settings.life_hours_most,
            timedelta(minutes=settings.pause_warning_minutes),
            timedelta(hours=settings.keep_alive_hours),
            timedelta(seconds=1.5 * settings.activity_seconds),
        )

    def idle(self, session: Session) -> timedelta | None:
        """How long a session may be without activity; None: as long as it likes.

        What was configured before the installation had a limit is held to it too.
        """
        minutes = _bounded(session.idle_minutes, self.idle_minutes, self.idle_minutes_most)
        return timedelta(minutes=minutes) if minutes else None

    def life(self, session: Session) -> timedelta | None:
        """How long a session may run in all; None: as long as it likes."""
        hours = _bounded(session.life_hours, self.life_hours, self.life_hours_most)
        return timedelta(hours=hours) if hours else None

    def warning_before(self, span: timedelta) -> timedelta:
        """How long before the end of a span it is announced: of a short one, for its second half."""
        return min(self.warning, span / 2)

    def checked(self, given: dict[str, Any]) -> dict[str, Any]:
        """A configuration that the installation allows, as it was given.

        Raises:
            Invalid: it asks for more than that, for no end where there is a limit, or for next to nothing.
        """
        for field, unit, least, most in (
            ("idle_minutes", "minutes", LEAST_MINUTES, self.idle_minutes_most),
            ("life_hours", "hours", LEAST_HOURS, self.life_hours_most),
        ):
            value = given.get(field)
            if value is None:
                continue
            if most and (value == 0 or value > most):
                never = "; never (0) is not allowed here" if value == 0 else ""
                raise Invalid.field(
                    field, f"{most:g} {unit} are the most here{never}.", value=f"{most:g}", code="too_long"
                )
            if 0 < value < least:
                raise Invalid.field(field, f"{least:g} {unit} are the least; 0 is never.", value=f"{least:g}")
        return given


def _bounded(own: float | None, default: float, most: float) -> float:
    wanted = default if own is None else own
    return min(wanted or most, most) if most else wanted
