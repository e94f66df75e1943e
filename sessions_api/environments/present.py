"""From environments to what pages show of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import service
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.environments.views import Change, EnvironmentPage, Offer, Package, Use, VersionRow
from sessions_api.kit.paging import Paging
from sessions_api.web import words

OFFERS = 50
"""Environments offered when a session is added, the default ones first."""


async def offers(db: AsyncSession) -> tuple[Offer, ...]:
    """The environments that can become a session."""
    found = (await service.listing(db, Paging(limit=OFFERS)))[:OFFERS]
    latest = await service.latest_of(db, [each.id for each in found])
    return tuple(offer(each, latest[each.id]) for each in found)


def offer(environment: Environment, latest: EnvironmentVersion) -> Offer:
    """An environment at its newest version."""
    return Offer(
        slug=environment.slug,
        name=environment.name,
        description=environment.description,
        front_end=latest.front_end,
        version=latest.number,
        digest=latest.digest,
        keywords=tuple(environment.keywords),
        default=environment.default,
    )


def _installed(version: EnvironmentVersion) -> dict[str, str]:
    return {package.name: package.version for package in service.installed(version)}


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    names = sorted({*before, *after}, key=str.lower)
    return tuple(
        Change(
            name,
            before.get(name, ""),
            after.get(name, ""),
            major=name in before
            and name in after
            and before[name].split(".")[0] != after[name].split(".")[0],
        )
        for name in names
        if before.get(name) != after.get(name)
    )


def _summary(changes: Sequence[Change], before: int) -> str:
    if not changes:
        return f"The same packages as version {before}; how it runs changed."
    updated = sum(bool(each.before and each.after) for each in changes)
    added = sum(not each.before for each in changes)
    removed = sum(not each.after for each in changes)
    counts = [
        f"{amount} {word}"
        for amount, word in ((updated, "updated"), (added, "added"), (removed, "removed"))
        if amount
    ]
    return f"Changes since version {before}: {', '.join(counts)}"


def _version_rows(versions: Sequence[EnvironmentVersion], now: datetime) -> tuple[VersionRow, ...]:
    rows: list[VersionRow] = []
    for place, version in enumerate(versions):
        before = versions[place + 1] if place + 1 < len(versions) else None
        changes = _changes(_installed(before), _installed(version)) if before else ()
        rows.append(
            VersionRow(
                number=version.number,
                digest=version.digest,
                when=words.day(version.created_at, now),
                who=f"by {version.created_by}",
                newest=place == 0,
                summary=_summary(changes, before.number) if before else "The first version",
                changes=changes,
            )
        )
    return tuple(rows)


def environment_page(
    environment: Environment,
    versions: Sequence[EnvironmentVersion],
    uses: Sequence[Use],
    query: str,
    now: datetime,
) -> EnvironmentPage:
    """Everything the page of an environment shows; `query` searches in what is installed."""
    newest = versions[0]
    installed = _installed(newest)
    before = _installed(versions[1]) if len(versions) > 1 else {}
    wanted = query.lower().split()
    return EnvironmentPage(
        slug=environment.slug,
        name=environment.name,
        description=environment.description,
        keywords=tuple(environment.keywords),
        default=environment.default,
        version=newest.number,
        digest=newest.digest,
        front_end=newest.front_end,
        command=" ".join(newest.command),
        default_url=newest.default_url,
        made=f"{words.day(newest.created_at, now)} by {newest.created_by}",
        query=query,
        packages=tuple(
            Package(name, version, "same" if before.get(name) == version else before.get(name, "not there"))
            for name, version in installed.items()
            if all(word in name.lower() for word in wanted)
        ),
        total=len(installed),
        versions=_version_rows(versions, now),
        uses=tuple(uses),
        facts=(
            ("Created", words.day(environment.created_at, now)),
            ("By", environment.created_by),
            ("Versions", str(len(versions))),
        ),
    )
