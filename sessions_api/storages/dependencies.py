"""What is offered as storages, for routes and pages."""

from typing import Annotated

from fastapi import Depends, Request

from sessions_api.settings import Settings
from sessions_api.storages.offers import Offer


def _names(listed: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in listed.split(","))))


def offered(request: Request) -> Offer:
    """What the installation offers."""
    settings = request.app.state.settings
    assert isinstance(settings, Settings)  # noqa: S101 - create_app puts it there
    return Offer(
        kinds=_names(settings.storage_kinds),
        roots=settings.roots,
        claims=_names(settings.storage_claims),
        nfs_servers=_names(settings.storage_nfs_servers),
        csi_drivers=_names(settings.storage_csi_drivers),
        cluster=request.app.state.cluster,
    )


Offered = Annotated[Offer, Depends(offered)]
