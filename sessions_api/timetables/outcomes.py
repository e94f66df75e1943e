"""What became of a time of a timetable, as it is kept, told and shown."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sessions_api.kit.schemas import Schema

Became = Literal["started", "resumed", "live", "refused", "skipped", "pausing", "nothing"]


class Outcome(Schema):
    """What became of one time.

    Attributes:
        due: the time.
        at: when Sojourn acted on it.
        became: `started`, `resumed`; `live` where it ran already, or was on its way; `refused`; `skipped`,
            because it was long over. Of a pause: `pausing` from then on when nobody uses it, `nothing` where
            nothing ran, `skipped`.
        run: the run that it is about.
        code: why it was refused.
        sentence: all of it in words; empty where there is nothing to say.
        hint: what to do about it.
    """

    due: datetime
    at: datetime
    became: Became
    run: str | None = None
    code: str | None = None
    sentence: str = ""
    hint: str | None = None
