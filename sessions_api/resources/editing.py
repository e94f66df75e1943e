"""Rules of the classes and pools that platform administrators make.

Edits happen one after the other, each before or after a start that takes something of a pool: every edit
holds all pools, then all classes, and a start holds its pool first. What the installation's file offers is
the file's: it is changed there. What the file no longer offers may be taken over here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service as audit
from sessions_api.audit.verbs import Verb
from sessions_api.kit import clock, complaints, etags
from sessions_api.kit.db import notify
from sessions_api.kit.errors import Conflict, FieldError, Invalid, NotFound
from sessions_api.kit.ids import free_name, new_id, slugify
from sessions_api.people.viewer import Viewer
from sessions_api.resources import defaults, rules, store
from sessions_api.resources.offers import MOST, ClassFields
from sessions_api.resources.rows import class_fields, class_values, pool_fields, pool_values
from sessions_api.resources.rules import PoolFields
from sessions_api.resources.tables import ADMIN, FILE, ResourceClass, ResourcePool
from sessions_api.rights.policy import require_administrator

TOPIC = "offers"
"""What is notified when classes or pools change."""
FIRST = 1000
"""Positions below are the file's, whose classes and pools come first."""

Row = ResourceClass | ResourcePool
Fields = TypeVar("Fields", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Offers:
    """All classes and pools there ever were: those that are there first, in their order."""

    classes: Sequence[ResourceClass]
    pools: Sequence[ResourcePool]

    def of_kind(self, kind: str) -> Sequence[Row]:
        """The classes, or the pools."""
        return self.classes if kind == "class" else self.pools

    def classes_in(self, pool: ResourcePool) -> list[ResourceClass]:
        """The classes in a pool, withdrawn ones too."""
        return [one for one in self.classes if one.pool_id == pool.id]

    def own(self, kind: str) -> list[Row]:
        """Those that are there and were made here, in their order."""
        return [one for one in self.of_kind(kind) if one.origin == ADMIN and one.withdrawn_at is None]


async def every(db: AsyncSession, viewer: Viewer) -> Offers:
    """All there ever were.

    Raises:
        Forbidden: the viewer does not administer the platform; so do all that follow.
    """
    require_administrator(viewer)
    return Offers(await store.list_every(db, ResourceClass), await store.list_every(db, ResourcePool))


async def _held(db: AsyncSession, viewer: Viewer) -> Offers:
    require_administrator(viewer)
    await store.take_turns(db)
    await store.every_pool(db)
    await store.every(db)
    return await every(db, viewer)


def find(offers: Offers, kind: str, slug_or_id: str) -> Row:
    """A class or pool, whether it is there or withdrawn.

    Raises:
        NotFound: there never was one of that slug or id.
    """
    for one in offers.of_kind(kind):
        if slug_or_id in {one.slug, one.id}:
            return one
    raise NotFound(
        f"There is no resource {kind} {slug_or_id}.", hint=f"All are at /admin/resource-{_many(kind)}."
    )


def _many(kind: str) -> str:
    return "classes" if kind == "class" else "pools"


def is_of_file(one: Row) -> bool:
    """Whether it is the file's to change."""
    return one.origin == FILE and one.withdrawn_at is None


def require_own(kind: str, one: Row) -> None:
    """Lets through what is not the file's.

    Raises:
        Conflict: it comes from the installation's file (`from_file`).
    """
    if is_of_file(one):
        raise Conflict(
            f"The {kind} {one.name} comes from the installation's file.",
            code="from_file",
            hint="Change it there (resourceClasses and resourcePools of the Helm values), and install again.",
        )


async def create(
    db: AsyncSession, viewer: Viewer, fields: ClassFields | PoolFields, *, slug: str | None = None
) -> Row:
    """A new class or pool, the last of those made here; without a slug, it derives from its name.

    Raises:
        Conflict: the slug is taken (`slug_taken`), or there are too many.
        Invalid: it does not go with what there is.
    """
    offers = await _held(db, viewer)
    kind = "class" if isinstance(fields, ClassFields) else "pool"
    taken = {one.slug: one for one in offers.of_kind(kind)}
    if slug is not None and slug in taken:
        raise _taken(kind, taken[slug])
    if len(offers.own(kind)) >= MOST:
        raise Conflict(f"There are {MOST} {_many(kind)} already.", hint="Withdraw one that nobody needs.")
    now = clock.now()
    made: Row = ResourceClass(is_default=False, default_in_file=False) if kind == "class" else ResourcePool()
    made.id, made.slug = new_id(), slug or free_name(slugify(fields.name, otherwise=kind), taken)
    _move(offers, kind, made, MOST)
    made.created_at = made.updated_at = now
    made.withdrawn_at, made.origin, made.revision = None, ADMIN, 1
    await _save(db, offers, made, fields)
    _told(db, viewer, "create", made)
    return made


def _taken(kind: str, one: Row) -> Conflict:
    whose = "comes from the installation's file" if one.origin == FILE else "was made here"
    gone = ", and was withdrawn" if one.withdrawn_at is not None else ""
    detail = f"The slug {one.slug} is that of the {kind} {one.name}, which {whose}{gone}."
    again = f"Offer that {kind} again, or take another slug." if gone else "Take another slug."
    return Conflict(
        detail, code="slug_taken", hint=again, errors=[FieldError(field="slug", detail=f"{detail} {again}")]
    )


async def change(
    db: AsyncSession,
    viewer: Viewer,
    kind: str,
    slug_or_id: str,
    *,
    if_match: str | None,
    position: int | None = None,
    **changes: Any,
) -> Row:
    """Changes what is given; sessions have it from their next start on.

    `position` is its place among those made here, from 1; beyond the last it is the last.

    Raises:
        NotFound: there never was one.
        Conflict: it is the file's (`from_file`).
        Stale: it was changed since.
        Invalid: it does not go with what there is.
    """
    offers = await _held(db, viewer)
    found = find(offers, kind, slug_or_id)
    etags.require(if_match, found.revision, found.name)
    require_own(kind, found)
    before = audit.state(found)
    classes = _classes(offers, found)
    if changes:
        await _save(db, offers, found, merged(found, offers, changes))
    if position is not None:
        _move(offers, kind, found, position - 1)
    changed = audit.changed(found, before)
    if classes != _classes(offers, found):
        changed = sorted({*changed, "classes"})
    if changed:
        found.origin = ADMIN
        found.updated_at = clock.now()
        found.revision = before["revision"] + 1
        _told(db, viewer, "change", found, fields=changed)
    await db.flush()
    return found


def _classes(offers: Offers, found: Row) -> list[str]:
    return [one.slug for one in offers.classes_in(found)] if isinstance(found, ResourcePool) else []


def merged(found: Row, offers: Offers, changes: Mapping[str, Any]) -> ClassFields | PoolFields:
    """What it says with the changes.

    Raises:
        Invalid: that makes no sense.
    """
    if isinstance(found, ResourceClass):
        return _checked(ClassFields, {**class_fields(found), **changes})
    return _checked(PoolFields, {**pool_fields(found, offers.classes_in(found)), **changes})


def _checked(model: type[Fields], values: Mapping[str, Any]) -> Fields:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        errors = [
            FieldError(field=complaints.place(item["loc"]), detail=complaints.sentence(item))
            for item in error.errors()
        ]
        raise Invalid(errors[0].detail, errors=errors) from error


async def withdraw(
    db: AsyncSession, viewer: Viewer, kind: str, slug_or_id: str, *, if_match: str | None
) -> Row:
    """Withdraws it. Sessions keep a class, and what waits for it is launched; a pool limits nothing more.

    Once more is no error, and nothing more.

    Raises:
        NotFound, Conflict, Stale: as `change`.
    """
    offers = await _held(db, viewer)
    found = find(offers, kind, slug_or_id)
    etags.require(if_match, found.revision, found.name)
    require_own(kind, found)
    if found.withdrawn_at is None:
        found.withdrawn_at = clock.now()
        found.revision += 1
        if isinstance(found, ResourceClass):
            found.is_default = False
        await db.flush()
        await defaults.settle(db)
        _told(db, viewer, "withdraw", found)
    return found


async def offer(db: AsyncSession, viewer: Viewer, kind: str, slug_or_id: str, *, if_match: str | None) -> Row:
    """Offers again what was withdrawn; what the file no longer has is then an administrator's.

    Raises:
        NotFound, Conflict, Stale, Invalid: as `change`.
    """
    offers = await _held(db, viewer)
    found = find(offers, kind, slug_or_id)
    etags.require(if_match, found.revision, found.name)
    if found.withdrawn_at is None:
        return found
    pools = {pool.id: pool for pool in offers.pools}
    if isinstance(found, ResourceClass):
        found.default_in_file = False
        if found.pool_id is not None and is_of_file(pools[found.pool_id]):
            found.pool_id = None
    else:
        for one in offers.classes_in(found):
            one.pool_id = found.id if one.origin == ADMIN else None
    _move(offers, kind, found, MOST)
    found.withdrawn_at, found.origin = None, ADMIN
    found.revision += 1
    _require_sense(offers, found, merged(found, offers, {}))
    await db.flush()
    _told(db, viewer, "offer", found)
    return found


def _move(offers: Offers, kind: str, found: Row, place: int) -> None:
    own = [one for one in offers.own(kind) if one is not found]
    own.insert(place, found)
    for position, one in enumerate(own, start=FIRST):
        one.position = position


async def _save(db: AsyncSession, offers: Offers, row: Row, fields: ClassFields | PoolFields) -> None:
    """Writes what a class or pool says into its row, if it goes with all others."""
    if isinstance(fields, ClassFields) and fields.default and row.withdrawn_at is not None:
        raise Invalid.field("default", f"The class {row.name} was withdrawn; offer it again first.")
    _require_sense(offers, row, fields)
    values = class_values(fields) if isinstance(fields, ClassFields) else pool_values(fields)
    for name, value in values.items():
        setattr(row, name, value)
    db.add(row)
    await db.flush()
    if isinstance(row, ResourceClass) and isinstance(fields, ClassFields):
        if not fields.default:
            row.is_default = False
            await db.flush()
        await defaults.settle(db, row if fields.default else None)
    elif isinstance(fields, PoolFields):
        for one in offers.classes:
            if (one.slug in fields.classes) != (one.pool_id == row.id):
                one.pool_id = row.id if one.slug in fields.classes else None
        await db.flush()


def _require_sense(offers: Offers, row: Row, fields: ClassFields | PoolFields) -> None:
    """Lets through what goes with the classes and pools that there are, by the rules that the file obeys.

    Raises:
        Invalid: it does not; the error names its field.
    """
    made = {one.slug: one for one in offers.classes if one.origin == ADMIN}
    said = {slug: _said(one) for slug, one in made.items()}
    if isinstance(fields, ClassFields):
        said[row.slug] = fields
    listed = [
        (pool.slug, _without_withdrawn(_of_pool(pool, offers), made, row.slug))
        for pool in offers.pools
        if pool.origin == ADMIN and pool.withdrawn_at is None and pool is not row and offers.classes_in(pool)
    ]
    if isinstance(fields, PoolFields):
        for one in offers.classes:
            if one.slug in fields.classes and one.origin == FILE:
                raise Invalid.field(
                    "classes",
                    f"The class {one.name} comes from the installation's file, which says its pool too; "
                    "leave it out.",
                )
        listed.append((row.slug, _without_withdrawn(fields, made, "")))
    for found in rules.complaints(listed, said):
        sentence = found.sentence[:1].upper() + found.sentence[1:]
        if isinstance(fields, PoolFields):
            if found.pool == len(listed) - 1:
                raise Invalid.field(".".join(found.field), sentence)
        elif found.of_class == row.slug and found.class_field:
            raise Invalid.field(
                _class_field(found.class_field), f"{sentence} The pool is {listed[found.pool][0]}."
            )


def _class_field(field: str) -> str:
    return field if field in ClassFields.model_fields else ""


def _said(row: ResourceClass) -> ClassFields:
    return ClassFields.model_construct(**class_fields(row))


def _of_pool(pool: ResourcePool, offers: Offers) -> PoolFields:
    return PoolFields.model_validate(pool_fields(pool, offers.classes_in(pool)))


def _without_withdrawn(pool: PoolFields, made: Mapping[str, ResourceClass], but: str) -> PoolFields:
    """The pool without its withdrawn classes, which nobody newly chooses; `but` is one that counts."""
    kept = [
        slug for slug in pool.classes if slug == but or slug not in made or made[slug].withdrawn_at is None
    ]
    return pool.model_copy(update={"classes": tuple(kept)})


def _told(db: AsyncSession, viewer: Viewer, done: str, one: Row, **details: Any) -> None:
    kind = "resource_class" if isinstance(one, ResourceClass) else "resource_pool"
    audit.record(db, viewer, Verb(f"{kind}.{done}"), one.name, thing=one.id, **details)
    notify(db, TOPIC)
