"""What the installation allows of repositories, for routes and pages."""

from typing import Annotated

from fastapi import Depends, Request

from sessions_api.repositories.urls import ReadingRules
from sessions_api.settings import Settings


def reading_rules(settings: Settings) -> ReadingRules:
    """The rules that the settings make."""
    return ReadingRules(
        own_computer=settings.local_repositories, private_addresses=settings.private_addresses
    )


def _rules(request: Request) -> ReadingRules:
    settings = request.app.state.settings
    assert isinstance(settings, Settings)  # noqa: S101 - create_app puts it there
    return reading_rules(settings)


RepositoryRules = Annotated[ReadingRules, Depends(_rules)]
