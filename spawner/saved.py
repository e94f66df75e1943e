"""What the hub keeps about a run, so that a hub that comes back knows what it finds."""

from __future__ import annotations

from typing import Literal

from spawner.part import Part


class SavedRun(Part):
    """A run as it stands in the hub's database.

    Attributes:
        front_end: what people call the program, for sentences about its end.
        work: relative name of the folder that is /work.
        url: the session's path at the public origin.
        phase: `launching` until the session answers and has its route.
        pod: uid of the pod it runs in, once all that the pod needs is there; None on a laptop.
        log_until: when the last line of its log was written that the API has, as the pod's node says.
    """

    run: str
    attempt: int
    front_end: str
    work: str
    url: str
    phase: Literal["launching", "running"]
    pod: str | None = None
    log_until: str = ""
