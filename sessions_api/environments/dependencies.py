"""What can run here, and what may be asked of registries, for routes and pages."""

from typing import Annotated

from fastapi import Depends, Request

from sessions_api.environments import front_ends
from sessions_api.environments.checks.rules import Rules
from sessions_api.environments.kinds import Kinds
from sessions_api.settings import Settings


def on_cluster(request: Request) -> bool:
    """Whether sessions are pods; else they run on this computer."""
    return _settings(request).on_cluster


def kinds_of(settings: Settings) -> Kinds:
    """What sessions can run in where the service has these settings."""
    return Kinds(
        images=settings.on_cluster or settings.containers,
        packages=not settings.on_cluster,
        computer=front_ends.of_computer(settings.computer_programs),
    )


def kinds_here(request: Request) -> Kinds:
    """What sessions can run in here."""
    return kinds_of(_settings(request))


KindsHere = Annotated[Kinds, Depends(kinds_here)]


def image_rules(request: Request) -> Rules:
    """How images are checked here: which registries may be asked, and for which computers."""
    found = request.app.state.image_rules
    assert isinstance(found, Rules)  # noqa: S101 - create_app puts it there
    return found


ImageRules = Annotated[Rules, Depends(image_rules)]


def _settings(request: Request) -> Settings:
    settings = request.app.state.settings
    assert isinstance(settings, Settings)  # noqa: S101 - create_app puts it there
    return settings
