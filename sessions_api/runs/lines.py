"""Which lines of a run's log are wanted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lines:
    """None is all.

    Attributes:
        container: what wrote them: `clone`, `session`, `gate`; on a computer also `build` and `pull`. What is
            of `sojourn` it says itself.
        attempt: of this launch or resume; the first is 1.
        search: those that have this text, whatever its case.
    """

    container: str | None = None
    attempt: int | None = None
    search: str = ""
