"""Rules of secrets: what they are called, who changes them, and to whom their values go."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service as audit
from sessions_api.audit.verbs import Verb
from sessions_api.kit import clock, etags
from sessions_api.kit.db import Database, notify
from sessions_api.kit.errors import Conflict, Invalid, NotFound
from sessions_api.kit.ids import free_name, new_id
from sessions_api.kit.paging import Paging
from sessions_api.kit.sealing import Sealer, reseal_all
from sessions_api.projects import service as projects
from sessions_api.projects.service import Access
from sessions_api.projects.tables import Project
from sessions_api.rights.policy import CONFIGURE
from sessions_api.secrets import names, store
from sessions_api.secrets.tables import Secret
from sessions_api.sessions import service as sessions
from spawner.spec import SecretSpec

MOST = 50
"""Secrets a project can have."""
TOTAL_KIB = 512
"""What their values may take together: a launch carries all, on Kubernetes in one Secret of at most 1 MiB."""

_SEALED_PER_KIB = 1366
"""Fernet's tokens are Base64: four characters for three bytes."""


class Changes(TypedDict, total=False):
    """What can be changed of a secret; what is missing stays. `variable: None` is the file only."""

    name: str
    variable: str | None
    value: SecretStr


@dataclass(frozen=True)
class LaunchSecrets:
    """What one launch gets of a project's secrets.

    Attributes:
        withheld: how many it does not get, because whoever starts it is no member of the project.
    """

    specs: tuple[SecretSpec, ...] = ()
    withheld: int = 0


async def listing(db: AsyncSession, project_id: str) -> Sequence[Secret]:
    """All secrets of a project, in the order in which they were added; at most `MOST`."""
    return await store.listing(db, project_id)


async def page(db: AsyncSession, access: Access, paging: Paging) -> Sequence[Secret]:
    """Some secrets of a project, one more than asked for if there is."""
    return await store.page(db, access.project.id, paging)


async def get(db: AsyncSession, access: Access, name_or_id: str) -> Secret:
    """One secret of the project.

    Raises:
        NotFound: the project has none of that name or id.
    """
    return _found(await store.get(db, access.project.id, name_or_id), access, name_or_id)


async def add(
    db: AsyncSession,
    access: Access,
    *,
    name: str,
    value: SecretStr,
    variable: str | None = None,
    sealer: Sealer,
) -> Secret:
    """Adds a secret; sessions have it from their next start on.

    Raises:
        Forbidden: only editors add secrets.
        Invalid: the name or the variable cannot be, or is taken.
        Conflict: the project has as many as it can, or their values would be too large together.
        NoKey: the installation keeps no secrets.
    """
    access.require(CONFIGURE)
    project_id = access.project.id
    await projects.lock(db, access)
    present = await store.listing(db, project_id)
    _check_name(names.check(name), present)
    await _check_variable(db, access, variable, present)
    if len(present) >= MOST:
        raise Conflict(
            f"{access.project.name} has {MOST} secrets, which is the most.",
            code="too_many_secrets",
            hint="Remove one that is not needed.",
        )
    now = clock.now()
    added = Secret(
        id=new_id(),
        project_id=project_id,
        name=name,
        variable=variable,
        sealed=sealer.seal(value.get_secret_value()),
        created_by=access.viewer.name,
        created_at=now,
        updated_at=now,
        revision=1,
    )
    db.add(added)
    projects.record(db, access, Verb.SECRET_PUT, name, thing=added.id, fields=["value"])
    await _kept(db, access)
    return added


async def change(
    db: AsyncSession,
    access: Access,
    name_or_id: str,
    *,
    sealer: Sealer,
    if_match: str | None = None,
    **changes: Unpack[Changes],
) -> Secret:
    """Changes what is given; sessions have the change from their next start on.

    Raises:
        Forbidden: only editors change secrets.
        NotFound: the project has none of that name or id.
        Stale: it was changed since `if_match`.
        Invalid: the name or the variable cannot be, or is taken.
        Conflict: the values would be too large together.
        NoKey: the installation keeps no secrets.
    """
    access.require(CONFIGURE)
    await projects.lock(db, access)
    secret = await _held(db, access, name_or_id, if_match)
    before = audit.state(secret)
    others = [each for each in await store.listing(db, access.project.id) if each.id != secret.id]
    if "name" in changes:
        _check_name(names.check(changes["name"]), others)
        secret.name = changes["name"]
    if "variable" in changes:
        await _check_variable(db, access, changes["variable"], others)
        secret.variable = changes["variable"]
    if "value" in changes:
        secret.sealed = sealer.seal(changes["value"].get_secret_value())
    secret.updated_at = clock.now()
    secret.revision += 1
    projects.record(
        db, access, Verb.SECRET_PUT, secret.name, thing=secret.id, fields=audit.changed(secret, before)
    )
    await _kept(db, access)
    return secret


async def remove(db: AsyncSession, access: Access, name_or_id: str, *, if_match: str | None = None) -> None:
    """Takes a secret out of the project; sessions that run have what they were started with.

    Raises:
        Forbidden: only editors remove secrets.
        NotFound: the project has none of that name or id.
        Stale: it was changed since `if_match`.
    """
    access.require(CONFIGURE)
    secret = await _held(db, access, name_or_id, if_match)
    await store.remove(db, secret.id)
    projects.record(db, access, Verb.SECRET_REMOVE, secret.name, thing=secret.id)
    notify(db, projects.topic(access.project.id))


async def forget(db: AsyncSession, project_id: str) -> None:
    """Deletes all secrets of a project that is being removed."""
    await store.remove_all(db, project_id)


async def for_launch(
    db: AsyncSession, project: Project, person: str, groups: Collection[str] = ()
) -> LaunchSecrets:
    """Which of the project's secrets a person's launch gets: all for a member, none for who passes by."""
    present = await store.listing(db, project.id)
    if not await projects.is_member(db, project.id, person, groups):
        return LaunchSecrets(withheld=len(present))
    return LaunchSecrets(tuple(SecretSpec(name=each.name, variable=each.variable) for each in present))


async def values(
    db: AsyncSession,
    project_id: str,
    person: str,
    wanted: Collection[str],
    sealer: Sealer,
    *,
    groups: Collection[str] = (),
) -> dict[str, SecretStr]:
    """The values of those secrets that are wanted by name, still there, and the person's to have.

    Raises:
        NoKey, Unopened: a value cannot be decrypted.
    """
    if not wanted or not await projects.is_member(db, project_id, person, groups):
        return {}
    return {
        secret.name: SecretStr(sealer.open(secret.sealed, what=f"The secret {secret.name}"))
        for secret in await store.named(db, project_id, wanted)
    }


async def reseal(database: Database, sealer: Sealer) -> int:
    """Encrypts with the first key what is encrypted with another; says how many."""
    return await reseal_all(database, sealer, store.sealed_after, store.replace_sealed)


async def _held(db: AsyncSession, access: Access, name_or_id: str, if_match: str | None) -> Secret:
    found = await store.get(db, access.project.id, name_or_id, locked=True)
    secret = _found(found, access, name_or_id)
    etags.require(if_match, secret.revision, f"The secret {secret.name}")
    return secret


def _check_name(name: str, others: Sequence[Secret]) -> None:
    taken = {each.name.lower() for each in others}
    if name.lower() in taken:
        free = free_name(name.lower(), taken)
        raise Invalid.field(
            "name", f"There is a secret called {name} already; {free} is free.", value=free, code="name_taken"
        )


async def _check_variable(
    db: AsyncSession, access: Access, variable: str | None, others: Sequence[Secret]
) -> None:
    if variable is None:
        return
    for other in others:
        if other.variable == variable:
            raise Invalid.field(
                "variable", f"{variable} is the variable of the secret {other.name}.", code="variable_taken"
            )
    if (session := await sessions.with_variable(db, access.project.id, variable)) is not None:
        raise Invalid.field(
            "variable",
            f"The configuration of the session {session.name} sets {variable}; take it out there first, or "
            "choose another name.",
            code="variable_taken",
        )


async def _kept(db: AsyncSession, access: Access) -> None:
    """Ends an edit.

    Raises:
        Conflict: the values are too large together.
    """
    await db.flush()
    if await store.sealed_length(db, access.project.id) > TOTAL_KIB * _SEALED_PER_KIB:
        raise Conflict(
            f"The secrets of {access.project.name} would take more than {TOTAL_KIB} KiB together.",
            code="secrets_too_large",
            hint="Put what is large and no secret into a storage.",
        )
    notify(db, projects.topic(access.project.id))


def _found(secret: Secret | None, access: Access, name_or_id: str) -> Secret:
    if secret is None:
        raise NotFound(f"{access.project.name} has no secret {name_or_id}.")
    return secret
