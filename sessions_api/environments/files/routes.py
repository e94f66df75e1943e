"""Reading of files that list packages, over HTTP."""

from fastapi import APIRouter

from sessions_api.environments.dependencies import KindsHere
from sessions_api.environments.files.reading import read, require_packages_run
from sessions_api.environments.files.schemas import FileCreate, FileRead
from sessions_api.kit.errors import Conflict, Invalid, Unauthenticated, Unavailable, responses
from sessions_api.people.dependencies import CurrentViewer

router = APIRouter(
    prefix="/environments",
    tags=["environments"],
    responses=responses(Unauthenticated, Invalid, Conflict, Unavailable),
)


@router.post("/read", operation_id="read_file")
async def read_file(_viewer: CurrentViewer, kinds: KindsHere, body: FileCreate) -> FileRead:
    """Makes pinned requirements of a requirements file, a pyproject.toml or an environment.yml.

    What the file does not pin is pinned to what the package index has now. Nothing is built or kept: the
    requirements can be sent as those of an environment or version, with `source`.
    """
    require_packages_run(kinds=kinds)
    return FileRead.made(await read(body.given()))
