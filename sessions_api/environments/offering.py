"""The environments that a session can be added from: default ones, those that lead, what a search finds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import service
from sessions_api.environments.filters import Filters
from sessions_api.environments.kinds import Kinds
from sessions_api.environments.service import Around, Found
from sessions_api.environments.tables import Environment
from sessions_api.environments.uses import store as uses
from sessions_api.environments.views import Offer, Offers
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects.tables import Project
from sessions_api.web import words
from sessions_api.web.parts import Pager

DEFAULT = 24
"""Default environments that are shown at once; where an installation has more, a search finds them."""
LEADING = 8
"""Favourites, and what the project uses, that come before the others."""
PAGE = 12


async def default(db: AsyncSession, viewer: Viewer, *, kinds: Kinds) -> tuple[Offer, ...]:
    """The default environments that can become a session here."""
    found = await _listed(db, viewer, _default(kinds=kinds), DEFAULT)
    return _offers(found, await service.around(db, viewer, found), ())


async def offers(
    db: AsyncSession,
    viewer: Viewer,
    project: Project,
    *,
    path: str,
    query: str,
    paging: Paging,
    kinds: Kinds,
) -> Offers:
    """What the viewer can add to a project, in a fixed number of statements.

    With a query it is what the list of environments finds, in its order, and what the project uses comes
    before its equals as the viewer's favourites do. Without one, on the first page, default environments
    come first, then those that lead, then the others by slug.

    Raises:
        Invalid: the cursor is of another list.
    """
    begins = not query and paging.after is None
    can = Filters(image=kinds.filter, project=project.id)
    first = await _listed(db, viewer, _default(kinds=kinds), DEFAULT) if begins else []
    leading = [] if query else await _listed(db, viewer, _others(can, leading=True), LEADING + 1)
    # Where more lead than are shown, the others have them too, or nobody would come upon the rest.
    others = can if query else _others(can, leading=False if len(leading) <= LEADING else None)
    leading = leading[:LEADING] if begins else []
    part = Paging(limit=PAGE, after=paging.after)
    page = part.cut(
        await service.listing(db, viewer, part, query, others),
        lambda row: row.key,
        lambda row: row.environment,
    )
    following = [each for each in page.items if each not in leading]
    shown = [*first, *leading, *following]
    around = await service.around(db, viewer, shown)
    used = await uses.in_project(db, project.id, [each.id for each in shown])
    return Offers(
        query=query,
        action=_address(path, q=query),
        default=_offers(first, around, used),
        title=f"Found for “{query}”" if query else "More environments",
        others=_offers([*leading, *following], around, used),
        nothing=_nothing(query, first),
        pager=_pager(path, query, page.next, paging, shown=len(leading) + len(following)),
    )


def _default(*, kinds: Kinds) -> Filters:
    return Filters(default=True, image=kinds.filter)


def _others(can: Filters, *, leading: bool | None) -> Filters:
    return Filters(default=False, image=can.image, project=can.project, leading=leading)


async def _listed(db: AsyncSession, viewer: Viewer, filters: Filters, most: int) -> list[Environment]:
    found: Sequence[Found] = await service.listing(db, viewer, Paging(limit=most), filters=filters)
    return [each.environment for each in found[:most]]


def _offers(environments: Sequence[Environment], around: Around, used: Collection[str]) -> tuple[Offer, ...]:
    return tuple(_offer(each, around, is_used=each.id in used) for each in environments)


def _offer(environment: Environment, around: Around, *, is_used: bool) -> Offer:
    latest = around.latest[environment.id]
    marks = (
        ("Favourite", "starred") if environment.id in around.favourites else None,
        ("Used in this project", "play") if is_used else None,
    )
    return Offer(
        slug=environment.slug,
        name=environment.name,
        description=environment.description,
        front_end=latest.front_end,
        version=latest.number,
        digest=latest.digest,
        keywords=tuple(environment.keywords),
        default=environment.default,
        marks=tuple(mark for mark in marks if mark),
    )


def _nothing(query: str, default_ones: Sequence[Environment]) -> str:
    if query:
        return f"No environment that runs here matches “{query}”."
    if default_ones:
        return "There are no others that you see and that run here."
    return "There is no environment yet that you see and that runs here."


def _pager(path: str, query: str, following: str | None, paging: Paging, *, shown: int) -> Pager:
    return Pager(
        words=f"{words.count(shown, 'environment')} on this page",
        first=_address(path, q=query) if paging.after else "",
        next=_address(path, q=query, cursor=following) if following else "",
    )


def _address(path: str, **query: str) -> str:
    kept = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path
