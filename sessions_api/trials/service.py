"""Starts a version of an environment in a project of the viewer's own, made for that.

A trial is a session like any other: it shows its stages and its log, opens, and is stopped by whoever
started it. What it proved stays with the version (`environments.proofs`) when the session is long gone.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import service as environments
from sessions_api.environments.kinds import Kinds
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.kit.errors import Conflict
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.service import Access
from sessions_api.rights.policy import GOVERN
from sessions_api.runs import service as runs
from sessions_api.runs import starting
from sessions_api.runs.schemas import Overrides
from sessions_api.runs.tables import Run
from sessions_api.sessions import service as sessions
from sessions_api.sessions.tables import Session

PROJECT = "Trials"
_DESCRIPTION = "Environments that were tried. What they showed is kept with them; all of this may be deleted."
_LOOKED_THROUGH = 50


async def launch(
    db: AsyncSession, viewer: Viewer, environment: str, number: int, *, kinds: Kinds
) -> tuple[Access, Session, Run]:
    """Starts a version; answers with the run that is live already if there is one.

    Raises:
        NotFound: the viewer sees no such environment, or it has no such version.
        Conflict: it is archived, does not run here, or the viewer's trial of another version is not over
            (`trial_of_another_version`, links to its run).
    """
    found = await environments.get(db, viewer, environment)
    version = await environments.numbered(db, found, number)
    await environments.require_open(db, viewer, found)
    environments.require_runs_here(found, version, kinds=kinds)
    access = await _project(db, viewer)
    session = await _session(db, access, found, version, kinds=kinds)
    run = await starting.start(db, access, session, Overrides(), kinds=kinds)
    return access, session, run


async def _project(db: AsyncSession, viewer: Viewer) -> Access:
    for access in await projects.listing(db, viewer, Paging(limit=_LOOKED_THROUGH), search=PROJECT):
        if access.may(GOVERN) and access.project.name == PROJECT:
            return access
    return await projects.create(db, viewer, name=PROJECT, description=_DESCRIPTION, visibility="private")


async def _session(
    db: AsyncSession,
    access: Access,
    environment: Environment,
    version: EnvironmentVersion,
    *,
    kinds: Kinds,
) -> Session:
    session = await sessions.newest_of(db, access, environment.id)
    if session is None:
        return await sessions.add(
            db, access, kinds=kinds, environment=environment.slug, version=version.number
        )
    if session.version_id != version.id:
        newest = (await runs.latest(db, access.viewer.name, [session.id])).get(session.id)
        if newest is not None and newest.phase in runs.HOLDING:
            raise Conflict(
                f"Your trial of another version of {environment.name} is not over.",
                code="trial_of_another_version",
                hint="Stop it first.",
                links={"run": f"/runs/{newest.id}"},
            )
        await sessions.change(db, access, session.id, kinds=kinds, version=version.number)
    return session
