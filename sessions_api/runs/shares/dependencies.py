"""Whether sessions can be shared, for routes and pages."""

from typing import Annotated

from fastapi import Depends, Path, Request

from sessions_api.runs.shares.service import Sharing

ShareId = Annotated[str, Path(max_length=26, description="The share's id.")]


def sharing_here(request: Request) -> Sharing:
    """What the installation allows."""
    return Sharing.of(request.app.state.settings)


SharingHere = Annotated[Sharing, Depends(sharing_here)]
