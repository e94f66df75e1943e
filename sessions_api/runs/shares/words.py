"""Whether, and with whom, a run is shared, in a sentence."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.runs.shares import service
from sessions_api.runs.shares.service import Sharing
from sessions_api.runs.tables import Run
from sessions_api.web import words


async def of_run(db: AsyncSession, viewer: Viewer, run: Run, sharing: Sharing, now: datetime) -> str:
    """What the page of a run says; nothing of one that is shared with nobody."""
    if run.phase != "running" or not sharing.on:
        return ""
    found = await service.of_run(db, viewer, run.id, Paging(limit=service.MOST))
    people = [f"{each.person} until {words.minute(each.expires_at, now)}" for each in found]
    return f"Shared with {words.listed(tuple(people))}." if people else ""


def off(run: Run, sharing: Sharing) -> str:
    """Why what runs cannot be shared; nothing where it can."""
    return service.OFF if run.phase == "running" and not sharing.on else ""
