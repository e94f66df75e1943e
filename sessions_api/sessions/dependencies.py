"""What an installation allows sessions, for routes and pages."""

from typing import Annotated

from fastapi import Depends, Request

from sessions_api.sessions.lifetimes import Lifetimes


def lifetimes_here(request: Request) -> Lifetimes:
    """How long sessions go on by themselves here."""
    return Lifetimes.of(request.app.state.settings)


LifetimesHere = Annotated[Lifetimes, Depends(lifetimes_here)]
