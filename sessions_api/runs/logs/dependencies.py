"""Which lines of a log a request asks for."""

from typing import Annotated

from fastapi import Depends, Query

from sessions_api.audit.dependencies import NO_NUL
from sessions_api.runs.lines import Lines

MOST_ATTEMPTS = 1_000_000


def lines(
    container: Annotated[
        str | None,
        Query(max_length=40, pattern=NO_NUL, description="Only of this: `clone`, `session`, `gate`."),
    ] = None,
    attempt: Annotated[
        int | None, Query(ge=1, le=MOST_ATTEMPTS, description="Only of this launch or resume.")
    ] = None,
    search: Annotated[
        str, Query(max_length=200, pattern=NO_NUL, description="Only lines with this text, in any case.")
    ] = "",
) -> Lines:
    """Which lines are wanted."""
    return Lines(container or None, attempt, search)


Wanted = Annotated[Lines, Depends(lines)]
