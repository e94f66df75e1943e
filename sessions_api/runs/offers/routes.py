"""Resource classes and pools as JSON, to be made and changed by platform administrators."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Stale,
    Unauthenticated,
    responses,
)
from sessions_api.kit.etags import IfMatch, etag
from sessions_api.kit.paging import Page, Paged, Paging
from sessions_api.kit.repeats import RepeatableRoute
from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import CurrentViewer
from sessions_api.people.viewer import Viewer
from sessions_api.resources import editing
from sessions_api.resources.amounts import Amounts
from sessions_api.resources.editing import Offers, Row
from sessions_api.resources.tables import ResourceClass
from sessions_api.runs.offers import saving
from sessions_api.runs.offers.schemas import (
    OfferedClassChange,
    OfferedClassCreate,
    OfferedClassRead,
    OfferedPoolChange,
    OfferedPoolCreate,
    OfferedPoolRead,
)
from sessions_api.runs.overview import service as overview
from sessions_api.runs.places import free

router = APIRouter(
    route_class=RepeatableRoute,
    prefix="/admin",
    tags=["administration"],
    responses=responses(Unauthenticated, Forbidden, Invalid),
)

CLASS, POOL = "class", "pool"
Name = Annotated[str, Path(max_length=80, description="The slug or id.")]
Withdrawn = Annotated[bool, Query(description="Withdrawn ones, in the place of the others.")]
_FOUND = responses(NotFound)
_EDIT = responses(NotFound, Conflict, Stale)


async def _classes(
    db: AsyncSession, viewer: Viewer, offers: Offers, rows: Sequence[Row]
) -> list[OfferedClassRead]:
    taken = await overview.taken_of_classes(db, viewer)
    return [
        OfferedClassRead.made(one, offers, taken.get(one.id, Amounts()))
        for one in rows
        if isinstance(one, ResourceClass)
    ]


async def _pools(
    db: AsyncSession, viewer: Viewer, offers: Offers, rows: Sequence[Row]
) -> list[OfferedPoolRead]:
    found = [one for one in rows if not isinstance(one, ResourceClass)]
    return [OfferedPoolRead.made(use, offers) for use in await free.of_pools(db, viewer, found)]


def _listed(rows: Sequence[Row], paging: Paging, *, withdrawn: bool) -> tuple[list[Row], str | None]:
    """Those of the rows that are asked for, and the cursor of what follows them."""
    wanted = [one for one in rows if (one.withdrawn_at is not None) == withdrawn]
    begin = 0 if paging.number is None else paging.number
    found = list(enumerate(wanted, start=1))[begin : begin + paging.limit + 1]
    cut = paging.cut(found, lambda each: str(each[0]), lambda each: each)
    return [one for _, one in cut.items], cut.next


async def _class(db: AsyncSession, viewer: Viewer, one: Row, response: Response) -> OfferedClassRead:
    response.headers["ETag"] = etag(one.revision)
    return (await _classes(db, viewer, await editing.every(db, viewer), [one]))[0]


async def _pool(db: AsyncSession, viewer: Viewer, one: Row, response: Response) -> OfferedPoolRead:
    response.headers["ETag"] = etag(one.revision)
    return (await _pools(db, viewer, await editing.every(db, viewer), [one]))[0]


@router.get("/resource-classes", operation_id="list_offered_classes")
async def list_classes(
    db: Reading, viewer: CurrentViewer, paging: Paged, *, withdrawn: Withdrawn = False
) -> Page[OfferedClassRead]:
    """All classes and what live runs take of each: the file's first, then those made here, in their order."""
    offers = await editing.every(db, viewer)
    rows, following = _listed(offers.classes, paging, withdrawn=withdrawn)
    return Page(items=await _classes(db, viewer, offers, rows), next=following)


@router.post(
    "/resource-classes",
    operation_id="create_offered_class",
    status_code=HTTPStatus.CREATED,
    responses=responses(Conflict),
)
async def create_class(
    db: Writing, viewer: CurrentViewer, body: OfferedClassCreate, response: Response
) -> OfferedClassRead:
    """A new class; as the default it takes the place of the one before."""
    made = await editing.create(db, viewer, body.fields(), slug=body.slug)
    response.headers["Location"] = f"/api/v1/admin/resource-classes/{made.slug}"
    return await _class(db, viewer, made, response)


@router.get("/resource-classes/{name}", operation_id="get_offered_class", responses=_FOUND)
async def get_class(db: Reading, viewer: CurrentViewer, name: Name, response: Response) -> OfferedClassRead:
    """One class, offered or withdrawn."""
    found = editing.find(await editing.every(db, viewer), CLASS, name)
    return await _class(db, viewer, found, response)


@router.patch("/resource-classes/{name}", operation_id="change_offered_class", responses=_EDIT)
async def change_class(
    db: Writing,
    viewer: CurrentViewer,
    name: Name,
    body: OfferedClassChange,
    response: Response,
    if_match: IfMatch = None,
) -> OfferedClassRead:
    """Changes what is given, for starts from now on; what the file offers is changed in the file."""
    changed = await saving.change(db, viewer, CLASS, name, if_match=if_match, **_given(body))
    return await _class(db, viewer, changed, response)


@router.post("/resource-classes/{name}/withdraw", operation_id="withdraw_offered_class", responses=_EDIT)
async def withdraw_class(
    db: Writing, viewer: CurrentViewer, name: Name, response: Response, if_match: IfMatch = None
) -> OfferedClassRead:
    """Offers a class no longer; sessions that have it keep it, and what waits is launched with it."""
    found = await saving.withdraw(db, viewer, CLASS, name, if_match=if_match)
    return await _class(db, viewer, found, response)


@router.post("/resource-classes/{name}/offer", operation_id="offer_class_again", responses=_EDIT)
async def offer_class(
    db: Writing, viewer: CurrentViewer, name: Name, response: Response, if_match: IfMatch = None
) -> OfferedClassRead:
    """Offers a withdrawn class again; what the file no longer has is from then on changed here."""
    found = await editing.offer(db, viewer, CLASS, name, if_match=if_match)
    return await _class(db, viewer, found, response)


@router.get("/resource-pools", operation_id="list_offered_pools")
async def list_pools(
    db: Reading, viewer: CurrentViewer, paging: Paged, *, withdrawn: Withdrawn = False
) -> Page[OfferedPoolRead]:
    """All pools and how they are used now: the file's first, then those made here, in their order."""
    offers = await editing.every(db, viewer)
    rows, following = _listed(offers.pools, paging, withdrawn=withdrawn)
    return Page(items=await _pools(db, viewer, offers, rows), next=following)


@router.post(
    "/resource-pools",
    operation_id="create_offered_pool",
    status_code=HTTPStatus.CREATED,
    responses=responses(Conflict),
)
async def create_pool(
    db: Writing, viewer: CurrentViewer, body: OfferedPoolCreate, response: Response
) -> OfferedPoolRead:
    """A new pool of classes made here; where there are pools, every session has to be of a class."""
    made = await editing.create(db, viewer, body.fields(), slug=body.slug)
    response.headers["Location"] = f"/api/v1/admin/resource-pools/{made.slug}"
    return await _pool(db, viewer, made, response)


@router.get("/resource-pools/{name}", operation_id="get_offered_pool", responses=_FOUND)
async def get_pool(db: Reading, viewer: CurrentViewer, name: Name, response: Response) -> OfferedPoolRead:
    """One pool, there or withdrawn."""
    found = editing.find(await editing.every(db, viewer), POOL, name)
    return await _pool(db, viewer, found, response)


@router.patch("/resource-pools/{name}", operation_id="change_offered_pool", responses=_EDIT)
async def change_pool(
    db: Writing,
    viewer: CurrentViewer,
    name: Name,
    body: OfferedPoolChange,
    response: Response,
    if_match: IfMatch = None,
) -> OfferedPoolRead:
    """Changes what is given. Smaller limits end nothing that runs: `taken` may be more than the quota."""
    changed = await saving.change(db, viewer, POOL, name, if_match=if_match, **_given(body))
    return await _pool(db, viewer, changed, response)


@router.post("/resource-pools/{name}/withdraw", operation_id="withdraw_offered_pool", responses=_EDIT)
async def withdraw_pool(
    db: Writing, viewer: CurrentViewer, name: Name, response: Response, if_match: IfMatch = None
) -> OfferedPoolRead:
    """Takes a pool away: its classes are without limits and for everybody, and who waits is let in."""
    found = await saving.withdraw(db, viewer, POOL, name, if_match=if_match)
    return await _pool(db, viewer, found, response)


@router.post("/resource-pools/{name}/offer", operation_id="offer_pool_again", responses=_EDIT)
async def offer_pool(
    db: Writing, viewer: CurrentViewer, name: Name, response: Response, if_match: IfMatch = None
) -> OfferedPoolRead:
    """Brings a withdrawn pool back, with its limits and the classes in it."""
    found = await editing.offer(db, viewer, POOL, name, if_match=if_match)
    return await _pool(db, viewer, found, response)


def _given(body: OfferedClassChange | OfferedPoolChange) -> dict[str, Any]:
    return body.model_dump(exclude_unset=True)
