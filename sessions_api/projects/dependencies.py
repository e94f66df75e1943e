"""The project of a request's path, as far as the viewer may see it."""

from typing import Annotated

from fastapi import Depends, Path

from sessions_api.kit.transactions import Reading, Writing
from sessions_api.people.dependencies import CurrentViewer, PageViewer
from sessions_api.projects import service
from sessions_api.projects.service import Access

Slug = Annotated[str, Path(max_length=80, description="The project's slug.")]


async def _reads(db: Reading, viewer: CurrentViewer, slug: Slug) -> Access:
    return await service.access(db, viewer, slug)


async def _writes(db: Writing, viewer: CurrentViewer, slug: Slug) -> Access:
    return await service.access(db, viewer, slug)


async def _page_reads(db: Reading, viewer: PageViewer, slug: Slug) -> Access:
    return await service.access(db, viewer, slug)


async def _page_writes(db: Writing, viewer: PageViewer, slug: Slug) -> Access:
    return await service.access(db, viewer, slug)


ReadProject = Annotated[Access, Depends(_reads)]
"""For JSON routes with `db: Reading`; the same transaction."""
WriteProject = Annotated[Access, Depends(_writes)]
"""For JSON routes with `db: Writing`; the same transaction."""
PageProject = Annotated[Access, Depends(_page_reads)]
"""For pages with `db: Reading`."""
FormProject = Annotated[Access, Depends(_page_writes)]
"""For forms with `db: Writing`."""
