"""Pages of registry logins, a person's own and a project's."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sessions_api.host_logins import pages
from sessions_api.host_logins.dependencies import PageOwn
from sessions_api.kit.transactions import Reading
from sessions_api.registry_logins.present import INTRO, KIND
from sessions_api.runs.shell import SHELL

router = APIRouter(include_in_schema=False)
router.include_router(pages.routers(KIND))


@router.get("/me/registry-logins", dependencies=SHELL)
async def listing(request: Request, db: Reading, owner: PageOwn) -> Response:
    """The viewer's own registry logins."""
    return await pages.list_page(request, db, KIND, owner, intro=INTRO)
