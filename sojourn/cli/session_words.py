"""What a session's configuration is in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sojourn.client.models import Session


def environment(session: Session) -> str:
    """The environment and its version, and a newer one if there is."""
    environment = session.environment
    newer = f" ({environment.latest} is there)" if environment.latest > environment.version else ""
    return f"{environment.name}, version {environment.version}{newer}"


def front_end(session: Session) -> str:
    """What it runs, and what it could run in its place."""
    environment = session.environment
    chosen = session.front_end or environment.front_end
    others = ", ".join(name for name in environment.front_ends if name != chosen)
    return f"{chosen} (there is {others} too)" if others else chosen


def repositories(session: Session) -> str:
    """The repositories it clones, and at which ref."""
    if session.repositories is None:
        return _some(None)
    return _some(
        tuple(
            f"{each.repository}@{each.ref}" if each.ref else each.repository for each in session.repositories
        )
    )


def storages(session: Session) -> str:
    """The storages it mounts."""
    if session.storages is None:
        return _some(None)
    return _some(
        tuple(f"{each.storage}, read-only" if each.read_only else each.storage for each in session.storages)
    )


def _some(folders: tuple[str, ...] | None) -> str:
    return "all of the project" if folders is None else ", ".join(folders) or "none"
