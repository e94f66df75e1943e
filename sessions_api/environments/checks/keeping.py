"""Checks whose findings are kept: what is in an image belongs to its digest, and never changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from sessions_api.environments.checks.check import Checked, Refused, Step, check
from sessions_api.environments.checks.rules import Rules
from sessions_api.environments.installed import store
from sessions_api.environments.packages import Package
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.kit.sealing import Sealer
from sessions_api.people.viewer import Viewer
from sessions_api.registry.client import RegistryLogin
from sessions_api.registry.references import Reference
from sessions_api.registry_logins import service as registry_logins
from sessions_api.registry_logins.logins import LoginUnopenedError

KEPT = timedelta(days=30)
"""How long an image that nobody makes a version of is remembered."""


async def checked(
    database: Database, reference: Reference, *, rules: Rules, login: RegistryLogin | None
) -> AsyncIterator[Step | Checked | Refused]:
    """The same as `check.check`; a version that is made of the image afterwards knows what is in it."""
    async for said in check(reference, fetcher=rules.fetcher, nodes=rules.nodes, login=login):
        if isinstance(said, Checked):
            await _keep(database, said)
        yield said


async def checked_for(
    database: Database,
    viewer: Viewer,
    reference: Reference,
    *,
    rules: Rules,
    sealer: Sealer,
    login: RegistryLogin | None,
) -> AsyncIterator[Step | Checked | Refused]:
    """The same for somebody, with their own registry login where none is given."""
    if login is None:
        async with database.read() as db:
            logins = await registry_logins.for_check(db, viewer)
        try:
            login = logins.opened(reference, sealer)
        except LoginUnopenedError as error:
            yield Refused(error.reason)
            return
    async for said in checked(database, reference, rules=rules, login=login):
        yield said


async def _keep(database: Database, found: Checked) -> None:
    if found.contents is None:
        return
    packages = {Package(one.name, one.version, one.ecosystem) for one in found.contents.packages}
    ordered = sorted(packages, key=lambda one: (one.ecosystem, one.name, one.version))
    now = clock.now()
    try:
        async with database.write() as db:
            await store.forget(db, now - KEPT)
            await store.keep(db, found.image.digest, ordered, is_complete=found.contents.is_complete, at=now)
    except IntegrityError:
        return  # Somebody checked the same image this moment, and found the same.
