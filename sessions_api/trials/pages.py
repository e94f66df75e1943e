"""The button of a trial launch, on the pages of environments and of their versions."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from sessions_api.environments.dependencies import KindsHere
from sessions_api.kit.transactions import Writing
from sessions_api.people.dependencies import PageViewer
from sessions_api.trials import service
from sessions_api.web import forms
from sessions_api.web.render import see_other

router = APIRouter(prefix="/environments", include_in_schema=False)


@router.post("/{environment}/versions/{number}/trial")
async def try_version(
    request: Request,
    db: Writing,
    viewer: PageViewer,
    kinds: KindsHere,
    *,
    environment: Annotated[str, Path(max_length=80)],
    number: Annotated[int, Path(ge=1, le=1_000_000)],
) -> Response:
    """Starts a version, and leads to its launch."""
    await forms.read(request)
    _, _, run = await service.launch(db, viewer, environment, number, kinds=kinds)
    return see_other(f"/runs/{run.id}")
