"""What the installation allows of repositories, for routes and pages."""

from typing import Annotated

from fastapi import Depends, Request

from sessions_api.repositories.urls import Rules
from sessions_api.settings import Settings


def rules(request: Request) -> Rules:
    """The application's rules."""
    settings = request.app.state.settings
    assert isinstance(settings, Settings)  # noqa: S101 - create_app puts it there
    return Rules(own_computer=settings.local_repositories, private_addresses=settings.private_addresses)


RepositoryRules = Annotated[Rules, Depends(rules)]
