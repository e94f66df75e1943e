"""Pages of administrators: what runs, what failed, who waits, and what is taken of what."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession
from sse_starlette import EventSourceResponse

from sessions_api.audit.dependencies import NO_NUL
from sessions_api.kit import clock
from sessions_api.kit.paging import Paged, Paging
from sessions_api.kit.transactions import Reading, Writing, database
from sessions_api.people.dependencies import PageViewer
from sessions_api.people.viewer import Viewer
from sessions_api.projects import present as project_present
from sessions_api.resources import service as resources
from sessions_api.rights.policy import require_administrator
from sessions_api.runs import streams, wishes
from sessions_api.runs.kept.dependencies import keeping_here
from sessions_api.runs.overview import present, service
from sessions_api.runs.overview.filters import Failures, Filters
from sessions_api.runs.overview.service import Named
from sessions_api.runs.overview.views import Head
from sessions_api.runs.places import free
from sessions_api.runs.shell import SHELL
from sessions_api.web.render import page, see_other

router = APIRouter(prefix="/admin", include_in_schema=False, dependencies=SHELL)

RunId = Annotated[str, Path(max_length=26)]
Wanted = Literal["pause", "stop", "cancel"]
Short = Annotated[str, Query(max_length=80, pattern=NO_NUL)]
Long = Annotated[str, Query(max_length=255, pattern=NO_NUL)]
DAY, WEEK = 1, 7


class Asked:
    """What the form above the list of sessions says; a form sends nothing as an empty text."""

    def __init__(
        self,
        *,
        person: Long = "",
        project: Short = "",
        environment: Short = "",
        resource_class: Short = "",
        pool: Short = "",
        node: Long = "",
        phase: Literal["", "queued", "launching", "running"] = "",
    ) -> None:
        self.fields = {
            "person": person.strip(),
            "project": project.strip(),
            "environment": environment.strip(),
            "resource_class": resource_class,
            "pool": pool,
            "node": node.strip(),
            "phase": phase,
        }

    @property
    def filters(self) -> Filters:
        """As the rules take it."""
        return Filters(**{name: value or None for name, value in self.fields.items()})


async def head_of(db: AsyncSession, viewer: Viewer, tab: str) -> Head:
    """What the pages of administrators begin with."""
    return present.head(tab, await service.count_live(db, viewer))


@router.get("")
async def live(
    request: Request, db: Reading, viewer: PageViewer, paging: Paged, asked: Annotated[Asked, Depends()]
) -> Response:
    """Everybody's live sessions, newest first."""
    found = await service.live(db, viewer, asked.filters, paging)
    cut = paging.cut(found, _id, lambda one: one)
    view = present.listed(
        cut.items,
        cut.next,
        clock.now(),
        path=present.LIVE,
        asked=asked.fields,
        first=paging.after is None,
    )
    pools = await resources.page_of_pools(db, viewer, Paging())
    return page(
        request,
        "admin/sessions.html",
        head=await head_of(db, viewer, "Sessions"),
        view=view,
        classes=[(one.slug, one.name) for one in await resources.offered(db, viewer)],
        pools=[(one.slug, one.name) for one in pools],
    )


def _id(found: Named) -> str:
    return found.run.id


@router.get("/events")
async def events(request: Request, viewer: PageViewer) -> EventSourceResponse:
    """`changed` whenever anybody's run did, or what is offered."""
    require_administrator(viewer)
    return streams.everybodys_changes(database(request))


@router.get("/failures")
async def failures(
    request: Request,
    db: Reading,
    viewer: PageViewer,
    paging: Paged,
    *,
    days: Annotated[int, Query(ge=DAY, le=WEEK)] = DAY,
    code: Annotated[str, Query(max_length=60, pattern=NO_NUL)] = "",
) -> Response:
    """What runs failed of, how often, and which."""
    now = clock.now()
    counted = await service.failures(db, viewer, days)
    wanted = Failures(service.since(days), code or None)
    cut = paging.cut(await service.failed(db, viewer, wanted, paging), _id, lambda one: one)
    asked = {"days": str(days), "code": code}
    view = present.listed(
        cut.items, cut.next, now, path=present.FAILURES, asked=asked, first=paging.after is None
    )
    return page(
        request,
        "admin/failures.html",
        head=await head_of(db, viewer, "Failures"),
        reasons=tuple(present.failure_row(each, now, days) for each in counted),
        view=view,
        days=days,
        code=code,
    )


@router.get("/queue")
async def queue(
    request: Request, db: Reading, viewer: PageViewer, paging: Paged, pool: Short = ""
) -> Response:
    """Who waits for a place, in the order in which they are let in."""
    cut = paging.cut(
        await service.queue(db, viewer, pool or None, paging), service.queue_key, lambda one: one
    )
    view = present.listed(
        cut.items,
        cut.next,
        clock.now(),
        path=present.QUEUE,
        asked={"pool": pool},
        first=paging.after is None,
    )
    pools = await resources.page_of_pools(db, viewer, Paging())
    return page(
        request,
        "admin/queue.html",
        head=await head_of(db, viewer, "Queue"),
        view=view,
        pools=[(one.slug, one.name) for one in pools],
    )


@router.get("/use")
async def use(request: Request, db: Reading, viewer: PageViewer, paging: Paged) -> Response:
    """What live sessions take of pools and classes, and on nodes; nodes are many, and come in pages."""
    require_administrator(viewer)
    every = Paging()
    pools = await free.of_pools(db, viewer, await resources.page_of_pools(db, viewer, every))
    classes = await service.classes(db, viewer, every)
    cut = paging.cut(await service.nodes(db, viewer, paging), lambda one: one.of, present.node_row)
    return page(
        request,
        "admin/use.html",
        head=await head_of(db, viewer, "Use"),
        pools=tuple(present.pool_row(each) for each in pools),
        classes=tuple(present.class_row(each) for each in classes),
        nodes=cut.items,
        pager=project_present.pager(
            len(cut.items), "node", present.USE, cut.next, first=paging.after is None
        ),
    )


@router.get("/runs/{run_id}/{wanted}")
async def ask(request: Request, db: Reading, viewer: PageViewer, run_id: RunId, wanted: Wanted) -> Response:
    """Asks before somebody's session is ended."""
    found = await service.one(db, viewer, run_id)
    now, keeping = clock.now(), keeping_here(request)
    confirm = present.question(found, wanted, keeping.until(now) if keeping else None, now)
    return page(request, "confirm.html", confirm=confirm)


@router.post("/runs/{run_id}/{wanted}")
async def end(request: Request, db: Writing, viewer: PageViewer, run_id: RunId, wanted: Wanted) -> Response:
    """Pauses or stops somebody's session, or cancels its launch."""
    await wishes.ask_for_another(db, viewer, run_id, wanted, keeping=keeping_here(request))
    return see_other(present.LIVE)
