"""What the installation allows of repositories, for routes and pages."""

from typing import Annotated

from fastapi import Depends, Request

from sessions_api.repositories.urls import ReadingRules
from sessions_api.settings import Settings


def _rules(request: Request) -> ReadingRules:
    settings = request.app.state.settings
    assert isinstance(settings, Settings)  # noqa: S101 - create_app puts it there
    return ReadingRules.of(settings)


RepositoryRules = Annotated[ReadingRules, Depends(_rules)]
